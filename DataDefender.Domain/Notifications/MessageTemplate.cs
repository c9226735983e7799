using DataDefender.Domain.Common;

namespace DataDefender.Domain.Notifications;

/// <summary>A text that a company wrote in the place of the standard one.</summary>
public sealed class MessageTemplate : Entity, ITenantOwned, IAudited
{
    private MessageTemplate() { }

    public MessageTemplate(Guid tenantId, MessageTopic topic, MessageChannel channel, MessageLanguage language) =>
        (TenantId, Topic, Channel, Language) = (tenantId, topic, channel, language);

    public Guid TenantId { get; private set; }
    public MessageTopic Topic { get; private set; }
    public MessageChannel Channel { get; private set; }
    public MessageLanguage Language { get; private set; }
    public string? Subject { get; private set; }
    public string Body { get; private set; } = "";

    public string AuditLabel => $"{Topic}, {Channel}, {Language}";

    public void Write(TemplateWording wording) => (Subject, Body) = (wording.Subject, wording.Body);
}
