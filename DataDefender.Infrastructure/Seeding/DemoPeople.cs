using System.Globalization;
using DataDefender.Domain.Clients;

namespace DataDefender.Infrastructure.Seeding;

/// <summary>Invented customers with Kenyan names and real estates of Nairobi and its surroundings; the same ones each time.</summary>
internal static class DemoPeople
{
    private static readonly string[] GivenNames =
    [
        "Wanjiku", "Otieno", "Achieng", "Kamau", "Njeri", "Kiprop", "Chebet", "Mwangi", "Akinyi", "Mutua", "Nduku", "Wafula", "Nekesa", "Hassan", "Amina", "Kimani",
        "Wambui", "Odhiambo", "Adhiambo", "Kipchoge", "Jepkosgei", "Musyoka", "Mwende", "Barasa", "Nafula", "Abdi", "Halima", "Muthoni", "Karanja", "Moraa", "Nyaboke", "Ochieng",
        "Grace", "Brian", "Faith", "Kevin", "Mercy", "Dennis", "Joyce", "Samuel", "Esther", "Victor", "Lydia", "Peter", "Ruth", "Collins", "Irene", "Stephen",
    ];

    private static readonly string[] FamilyNames =
    [
        "Kariuki", "Omondi", "Wekesa", "Njoroge", "Cheruiyot", "Mutiso", "Onyango", "Kibet", "Maina", "Atieno", "Simiyu", "Mohamed", "Ndung'u", "Rotich", "Kilonzo", "Auma",
        "Gitau", "Owino", "Langat", "Muriithi", "Juma", "Nyambura", "Koech", "Makau", "Were", "Ouma", "Waweru", "Kosgei", "Mbugua", "Nyong'o", "Githinji", "Sang",
        "Wanyama", "Ali", "Kiplagat", "Munyao", "Gathoni", "Obiero", "Ngugi", "Bosire", "Momanyi", "Chege",
    ];

    private static readonly string[] Businesses =
    [
        "Baraka Hardware", "Mama Njeri Salon", "Uzima Chemist", "Jamii Cyber & Print", "Tumaini Academy", "Savanna Dental Clinic", "Highlands Bakery", "Mlima Coffee House",
        "Neema Guest House", "Acacia Auditors", "Rafiki Motors", "Maisha Sacco", "Kilele Logistics", "Twiga Supermarket", "Pwani Fish & Chips", "Imara Law Chambers",
    ];

    private static readonly (string Estate, string County)[] Estates =
    [
        ("Kilimani", "Nairobi"), ("Kileleshwa", "Nairobi"), ("Lavington", "Nairobi"), ("South B", "Nairobi"), ("Donholm", "Nairobi"), ("Umoja", "Nairobi"), ("Kasarani", "Nairobi"),
        ("Roysambu", "Nairobi"), ("Embakasi", "Nairobi"), ("Ruaka", "Kiambu"), ("Kikuyu", "Kiambu"), ("Ruiru", "Kiambu"), ("Juja", "Kiambu"), ("Thika", "Kiambu"),
        ("Ngong", "Kajiado"), ("Ongata Rongai", "Kajiado"), ("Kitengela", "Kajiado"), ("Syokimau", "Machakos"), ("Mlolongo", "Machakos"), ("Athi River", "Machakos"),
    ];

    private static readonly string[] Streets =
    [
        "Acacia Lane", "Church Road", "Market Street", "School Lane", "Riverside Close", "Stadium Road", "Station Road", "Jacaranda Avenue", "Mosque Road", "Hospital Road",
    ];

    /// <summary>The customers by their number from zero; every eighth is a business.</summary>
    public static IEnumerable<ClientInput> Take(int count, int first = 0)
    {
        for (var i = first; i < first + count; i++)
        {
            var (estate, county) = Estates[i * 7 % Estates.Length];
            var business = i % 8 == 7;
            var name = business ? Businesses[i / 8 % Businesses.Length] : $"{GivenNames[i * 5 % GivenNames.Length]} {FamilyNames[i * 11 % FamilyNames.Length]}";
            yield return new ClientInput
            {
                Name = name,
                Phone = string.Create(CultureInfo.InvariantCulture, $"07{(i * 37 % 90) + 10}{((i + 1) * 48_271L) % 1_000_000:D6}"),
                Email = i % 3 == 0 ? $"{string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetter(c) ? c : '.')).Trim('.')}@mail.example" : null,
                Address = business ? $"{estate} Shopping Centre, shop {(i % 40) + 1}" : $"House {(i % 90) + 1}, {Streets[i % Streets.Length]}, {estate}",
                County = county,
                Notes = i % 20 == 3 ? "Prefers a call after 5 p.m." : null,
            };
        }
    }
}
