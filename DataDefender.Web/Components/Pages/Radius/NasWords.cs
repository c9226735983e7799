using DataDefender.Domain.Monitoring;
using DataDefender.Domain.Network;
using DataDefender.Web.Components.Ui;

namespace DataDefender.Web.Components.Pages.Radius;

/// <summary>What the screens say about a NAS's settings.</summary>
internal static class NasWords
{
    public static string Name(NasVendor vendor) => vendor is NasVendor.Standard ? "Other (standard)" : vendor.ToString();

    /// <summary>In which attributes it is told what a line gets, and what becomes of an open session that changes.</summary>
    public static string WhatItIsTold(NasVendor vendor) => vendor switch
    {
        NasVendor.MikroTik => "Told Mikrotik-Rate-Limit, address lists and pools. Open sessions are changed without being dropped.",
        NasVendor.Cisco => "Told policy maps by name, such as DD-IN-5000 and DD-OUT-10000 for 5 and 10 Mbps: make one for each speed that is sold. An open session changes its speed; into the walled garden it dials in again.",
        NasVendor.Ubiquiti => "Told WISPr speeds and Filter-Id. An open session cannot be changed, so it is ended and dials in again.",
        NasVendor.Huawei => "Told Huawei average and peak rates and Filter-Id. An open session changes its speed; out of the walled garden it dials in again.",
        _ => "Told WISPr speeds and Filter-Id only. An open session is asked to change; where the device refuses, it is ended and dials in again.",
    };

    /// <summary>What learning has come to; null when nothing is learnt.</summary>
    /// <param name="heard">What RadiusHost has heard of it since it started; null when that is not known.</param>
    public static (bool IsSafe, string Text)? Learnt(NasRow nas, NasPulse? heard)
    {
        if (nas.MessageAuthenticator is not MessageAuthenticatorRule.Learn)
        {
            return null;
        }

        if (nas.MessageAuthenticatorSeen || heard is { MessageAuthenticatorSeen: true })
        {
            return (true, "Learnt: it sends one, so logins without are dropped. Choose Required to make that fixed; save Off and then Learn to have it learnt anew.");
        }

        var logins = (heard?.Accepts ?? 0) + (heard?.Rejects ?? 0);
        return (false, logins == 0
            ? "Still learning: no login of it has been heard yet. Until the first that has one, logins without are taken."
            : $"Still learning: its {Formats.Count(logins)} {(logins == 1 ? "login" : "logins")} since RADIUS started had none, so they are open to forged answers (BlastRADIUS). RouterOS sends it from 6.49.17 and 7.15.2 on.");
    }
}
