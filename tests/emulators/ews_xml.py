"""The SOAP that the EWS emulator speaks: how answers, errors and items are written, how requests are read."""

import base64
from collections.abc import Callable
from email import message_from_bytes
from xml.sax.saxutils import escape

from tests.emulators.loopback import Answer
from tests.emulators.mail_store import Folder, Mail

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
M = "http://schemas.microsoft.com/exchange/services/2006/messages"
T = "http://schemas.microsoft.com/exchange/services/2006/types"
E = "http://schemas.microsoft.com/exchange/services/2006/errors"
NS = {"s": SOAP, "m": M, "t": T}
SEARCH_KEY_TAG = "0x300b"
HEAD = (
    f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}" xmlns:m="{M}" xmlns:t="{T}"><s:Header>'
    '<t:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="2562" MinorBuildNumber="17" Version="V2017_07_11"/>'
    "</s:Header><s:Body>"
)
TAIL = "</s:Body></s:Envelope>"


class Trouble(Exception):
    """An operation's error code."""


def busy(back_off_ms: int) -> Answer:
    """Return the answer of a server that wants to be left alone for a while."""
    fault = (
        f'<s:Fault><faultcode xmlns:a="{T}">a:ErrorServerBusy</faultcode><faultstring>busy</faultstring><detail>'
        f'<e:ResponseCode xmlns:e="{E}">ErrorServerBusy</e:ResponseCode><e:Message xmlns:e="{E}">busy</e:Message>'
        f'<t:MessageXml><t:Value Name="BackOffMilliseconds">{back_off_ms}</t:Value></t:MessageXml></detail></s:Fault>'
    )
    return Answer(500, f"{HEAD}{fault}{TAIL}".encode(), "text/xml; charset=utf-8")


def each(operation: str, elements, work: Callable) -> list[str]:
    out = []
    for element in elements:
        try:
            out.append(ok(operation, work(element)))
        except Trouble as trouble:
            out.append(bad(operation, str(trouble)))
    return out


def ok(operation: str, body: str) -> str:
    return (
        f'<m:{operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{body}'
        f"</m:{operation}ResponseMessage>"
    )


def bad(operation: str, code: str) -> str:
    return (
        f'<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>{code}</m:MessageText><m:ResponseCode>{code}'
        f"</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:SyncState/>"
        f"<m:IncludesLastItemInRange>true</m:IncludesLastItemInRange></m:{operation}ResponseMessage>"
    )


def event(body: str) -> bytes:
    part = f"<m:GetStreamingEventsResponse><m:ResponseMessages>{ok('GetStreamingEvents', body)}</m:ResponseMessages>"
    return f"{HEAD}{part}</m:GetStreamingEventsResponse>{TAIL}".encode()


def fields_of(asked) -> set[str]:
    found = {each.get("FieldURI") for each in asked.iterfind("m:ItemShape//t:FieldURI", NS)}
    tags = {each.get("PropertyTag", "").lower() for each in asked.iterfind("m:ItemShape//t:ExtendedFieldURI", NS)}
    return found | tags


def restriction(element) -> Callable[[Mail], bool]:
    """Return the test that a restriction asks for: equal Message-IDs or search keys, joined by And."""
    if element is None:
        return lambda _: True
    tests = []
    for equal in element.iter(f"{{{T}}}IsEqualTo"):
        value = equal.find("t:FieldURIOrConstant/t:Constant", NS).get("Value")
        if equal.find("t:FieldURI", NS) is not None:
            tests.append(lambda mail, value=value: mail.header("Message-ID") == value)
        else:
            tests.append(lambda mail, value=value: base64.b64encode(mail.search_key).decode() == value)
    return lambda mail: all(test(mail) for test in tests)


def item_xml(mail: Mail, fields: set[str]) -> str:
    """Write a mail with the fields asked for, in the order of the schema."""
    parsed = message_from_bytes(mail.raw) if fields & {"item:TextBody", "item:InternetMessageHeaders"} else None
    out = f'<t:Message><t:ItemId Id="{mail.id}" ChangeKey="{mail.change}"/>'
    if "item:MimeContent" in fields:
        out += f'<t:MimeContent CharacterSet="UTF-8">{base64.b64encode(mail.raw).decode()}</t:MimeContent>'
    if "item:ParentFolderId" in fields:
        out += f'<t:ParentFolderId Id="{mail.folder}" ChangeKey="1"/>'
    out += "<t:ItemClass>IPM.Note</t:ItemClass>"
    if "item:DateTimeReceived" in fields:
        out += f"<t:DateTimeReceived>{mail.received_at:%Y-%m-%dT%H:%M:%SZ}</t:DateTimeReceived>"
    if "item:Size" in fields:
        out += f"<t:Size>{len(mail.raw)}</t:Size>"
    if "item:Categories" in fields and mail.categories:
        out += "<t:Categories>" + "".join(f"<t:String>{escape(each)}</t:String>" for each in mail.categories)
        out += "</t:Categories>"
    if "item:InternetMessageHeaders" in fields:
        pairs = "".join(
            f'<t:InternetMessageHeader HeaderName="{escape(name)}">{escape(str(value))}</t:InternetMessageHeader>'
            for name, value in parsed.items()
        )
        out += f"<t:InternetMessageHeaders>{pairs}</t:InternetMessageHeaders>"
    if SEARCH_KEY_TAG in fields:
        key = base64.b64encode(mail.search_key).decode()
        out += f'<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="{SEARCH_KEY_TAG}" PropertyType="Binary"/><t:Value>{key}</t:Value></t:ExtendedProperty>'
    if "item:TextBody" in fields:
        out += f'<t:TextBody BodyType="Text">{escape(parsed.get_payload())}</t:TextBody>'
    if "message:InternetMessageId" in fields:
        out += f"<t:InternetMessageId>{escape(mail.header('Message-ID'))}</t:InternetMessageId>"
    return out + "</t:Message>"


def folder_xml(folder: Folder) -> str:
    """Write a folder."""
    parent = f'<t:ParentFolderId Id="{folder.parent or "F-root"}" ChangeKey="1"/>'
    known = f"<t:DistinguishedFolderId>{folder.well_known}</t:DistinguishedFolderId>" if folder.well_known else ""
    kind = "IPF.Note" if folder.well_known not in {"root", "msgfolderroot"} else ""
    return (
        f'<t:Folder><t:FolderId Id="{folder.id}" ChangeKey="1"/>{parent}<t:FolderClass>{kind}</t:FolderClass>'
        f"<t:DisplayName>{escape(folder.name)}</t:DisplayName><t:TotalCount>0</t:TotalCount>"
        f"<t:ChildFolderCount>0</t:ChildFolderCount>{known}<t:UnreadCount>0</t:UnreadCount></t:Folder>"
    )
