"""An emulator of Exchange Web Services over a `MailStore`: the operations that a mailbox connector needs, as SOAP."""

import base64
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from tests.emulators.loopback import Answer, Loopback, Request
from tests.emulators.mail_store import Folder, Mail, MailStore, Rule

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
M = "http://schemas.microsoft.com/exchange/services/2006/messages"
T = "http://schemas.microsoft.com/exchange/services/2006/types"
E = "http://schemas.microsoft.com/exchange/services/2006/errors"
NS = {"s": SOAP, "m": M, "t": T}
SEARCH_KEY_TAG = "0x300b"
_HEAD = (
    f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{SOAP}" xmlns:m="{M}" xmlns:t="{T}"><s:Header>'
    '<t:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="2562" MinorBuildNumber="17" Version="V2017_07_11"/>'
    "</s:Header><s:Body>"
)
_TAIL = "</s:Body></s:Envelope>"


class Trouble(Exception):
    """An operation's error code."""


class Ews:
    """The emulator; `url` is the service's address, `server` takes faults."""

    def __init__(self, user: str, password: str, certificate: tuple[Path, Path] | None = None) -> None:
        self.store = MailStore()
        self.operations: list[str] = []
        self.blob_exists = False
        self._credentials = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._subscriptions: dict[str, tuple[str, int]] = {}
        self.server = Loopback(self._handle, certificate)
        self.url = f"{self.server.url}/EWS/Exchange.asmx"

    def _handle(self, request: Request) -> Answer:
        if request.headers.get("Authorization") != self._credentials:
            return Answer(401, b"", "text/xml", {"WWW-Authenticate": 'Basic realm="ews"'})
        asked = etree.fromstring(request.body).find("s:Body", NS)[0]
        operation = etree.QName(asked).localname
        self.operations.append(operation)
        if operation == "GetStreamingEvents":
            return Answer(content_type="text/xml; charset=utf-8", chunks=self._events(asked))
        with self.store.lock:
            try:
                parts = getattr(self, f"_{operation}")(asked)
            except Trouble as trouble:
                parts = [_bad(operation, str(trouble))]
        if isinstance(parts, str):
            body = f'<m:{operation}Response ResponseClass="Success">{parts}</m:{operation}Response>'
        else:
            body = f"<m:{operation}Response><m:ResponseMessages>{''.join(parts)}</m:ResponseMessages></m:{operation}Response>"
        return Answer(body=f"{_HEAD}{body}{_TAIL}".encode(), content_type="text/xml; charset=utf-8")

    # folders
    def _GetFolder(self, asked):  # noqa: N802 - named as the operation
        return _each(
            "GetFolder",
            asked.find("m:FolderIds", NS),
            lambda e: f"<m:Folders>{self._folder_xml(self._folder(e))}</m:Folders>",
        )

    def _FindFolder(self, asked):  # noqa: N802
        deep = asked.get("Traversal") == "Deep"
        name = (
            asked.find(".//t:Restriction//t:Constant", NS) if asked.find(".//t:Restriction", NS) is not None else None
        )
        name = name if name is not None else asked.find("m:Restriction//t:Constant", NS)

        def one(element):
            parents, found = {self._folder(element).id}, []
            while parents:
                new = [folder for folder in self.store.folders.values() if (folder.parent or "F-root") in parents]
                found += new
                parents = {folder.id for folder in new} if deep else set()
            if name is not None:
                found = [folder for folder in found if folder.name == name.get("Value")]
            folders = "".join(map(self._folder_xml, found))
            size = len(found)
            return (
                f'<m:RootFolder TotalItemsInView="{size}" IncludesLastItemInRange="true" IndexedPagingOffset="{size}">'
                f"<t:Folders>{folders}</t:Folders></m:RootFolder>"
            )

        return _each("FindFolder", asked.find("m:ParentFolderIds", NS), one)

    def _CreateFolder(self, asked):  # noqa: N802
        parent = self._folder(asked.find("m:ParentFolderId", NS)[0])

        def one(element):
            name = element.findtext("t:DisplayName", namespaces=NS)
            if any(folder.parent == parent.id and folder.name == name for folder in self.store.folders.values()):
                raise Trouble("ErrorFolderExists")
            made = self.store.make_folder(name, parent.id)
            return f'<m:Folders><t:Folder><t:FolderId Id="{made.id}" ChangeKey="1"/></t:Folder></m:Folders>'

        return _each("CreateFolder", asked.find("m:Folders", NS), one)

    # items
    def _GetItem(self, asked):  # noqa: N802
        fields = _fields(asked)
        return _each(
            "GetItem", asked.find("m:ItemIds", NS), lambda e: f"<m:Items>{_item_xml(self._mail(e), fields)}</m:Items>"
        )

    def _FindItem(self, asked):  # noqa: N802
        fields = _fields(asked)
        view = asked.find("m:IndexedPageItemView", NS)
        start, most = int(view.get("Offset", 0)), int(view.get("MaxEntriesReturned", 1000))
        wanted = _restriction(asked.find("m:Restriction", NS))

        def one(element):
            folder = self._folder(element).id
            found = [mail for mail in self.store.mails.values() if mail.folder == folder and wanted(mail)]
            page = found[start : start + most]
            last = str(start + len(page) >= len(found)).lower()
            items = "".join(_item_xml(mail, fields - {"item:MimeContent"}) for mail in page)
            return (
                f'<m:RootFolder IndexedPagingOffset="{start + len(page)}" TotalItemsInView="{len(found)}" '
                f'IncludesLastItemInRange="{last}"><t:Items>{items}</t:Items></m:RootFolder>'
            )

        return _each("FindItem", asked.find("m:ParentFolderIds", NS), one)

    def _MoveItem(self, asked):  # noqa: N802
        target = self._folder(asked.find("m:ToFolderId", NS)[0]).id

        def one(element):
            moved = self.store.move(self._mail(element), target)
            return f'<m:Items><t:Message><t:ItemId Id="{moved.id}" ChangeKey="1"/></t:Message></m:Items>'

        return _each("MoveItem", asked.find("m:ItemIds", NS), one)

    def _UpdateItem(self, asked):  # noqa: N802
        def one(change):
            mail = self._mail(change.find("t:ItemId", NS))
            for update in change.find("t:Updates", NS):
                if update.find("t:FieldURI", NS).get("FieldURI") != "item:Categories":
                    raise Trouble("ErrorInvalidPropertySet")
                mail.categories = [each.text for each in update.iterfind(".//t:String", NS)]
            self.store.update(mail)
            return (
                f'<m:Items><t:Message><t:ItemId Id="{mail.id}" ChangeKey="{mail.change}"/></t:Message></m:Items>'
                "<m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>"
            )

        return _each("UpdateItem", asked.find("m:ItemChanges", NS), one)

    def _SyncFolderItems(self, asked):  # noqa: N802
        folder = self._folder(asked.find("m:SyncFolderId", NS)[0]).id
        state = asked.findtext("m:SyncState", namespaces=NS) or ""
        most = int(asked.findtext("m:MaxChangesReturned", namespaces=NS))
        generation, since = map(int, base64.b64decode(state).split(b".")) if state else (self.store.generation, 0)
        if generation != self.store.generation:
            return [_bad("SyncFolderItems", "ErrorInvalidSyncStateData")]
        kinds: dict[str, tuple[str, Mail]] = {}
        last, more = since, False
        for change in self.store.changes(folder, since):
            if len(kinds) == most and change.id not in kinds:
                more = True
                break
            created = kinds.get(change.id, ("", None))[0] == "Create" and change.kind == "Update"
            kinds[change.id] = ("Create" if created else change.kind, change.mail)
            last = change.number
        token = base64.b64encode(f"{generation}.{last}".encode()).decode()
        changes = "".join(self._change_xml(kind, each, mail) for each, (kind, mail) in kinds.items())
        body = (
            f"<m:SyncState>{token}</m:SyncState><m:IncludesLastItemInRange>{str(not more).lower()}"
            f"</m:IncludesLastItemInRange><m:Changes>{changes}</m:Changes>"
        )
        return [_ok("SyncFolderItems", body)]

    def _change_xml(self, kind: str, mail_id: str, mail: Mail) -> str:
        if kind == "Delete" or mail_id not in self.store.mails:
            return f'<t:Delete><t:ItemId Id="{mail_id}" ChangeKey="1"/></t:Delete>'
        return f"<t:{kind}>{_item_xml(mail, {'item:Size'})}</t:{kind}>"

    # notifications
    def _Subscribe(self, asked):  # noqa: N802
        name = f"S-{next(self.store.numbers)}"
        folder = self._folder(asked.find(".//t:FolderIds", NS)[0]).id
        self._subscriptions[name] = (folder, next(self.store.numbers))
        return [_ok("Subscribe", f"<m:SubscriptionId>{name}</m:SubscriptionId>")]

    def _Unsubscribe(self, asked):  # noqa: N802
        self._subscriptions.pop(asked.findtext("m:SubscriptionId", namespaces=NS), None)
        return [_ok("Unsubscribe", "")]

    def _events(self, asked) -> Iterator[bytes]:
        name = asked.find("m:SubscriptionIds", NS)[0].text
        folder, since = self._subscriptions[name]
        until = time.monotonic() + 60 * int(asked.findtext("m:ConnectionTimeout", namespaces=NS))
        yield _event("<m:ConnectionStatus>OK</m:ConnectionStatus>")
        while (left := until - time.monotonic()) > 0:
            with self.store.changed:
                if not self.store.changes(folder, since):
                    self.store.changed.wait(min(left, 1))
                new = self.store.changes(folder, since)
            for change in new:
                since = change.number
                kind = {"Create": "NewMailEvent", "Delete": "DeletedEvent", "Update": "ModifiedEvent"}[change.kind]
                yield _event(
                    f"<m:Notifications><m:Notification><t:SubscriptionId>{name}</t:SubscriptionId><t:{kind}>"
                    f'<t:TimeStamp>2026-03-10T10:00:00Z</t:TimeStamp><t:ItemId Id="{change.id}" ChangeKey="1"/>'
                    f'<t:ParentFolderId Id="{folder}" ChangeKey="1"/></t:{kind}></m:Notification></m:Notifications>'
                )
        yield _event("<m:ConnectionStatus>Closed</m:ConnectionStatus>")

    # rules: these two answer without a list of response messages
    def _GetInboxRules(self, asked):  # noqa: N802
        blob = str(self.blob_exists).lower()
        rules = "".join(f"<t:Rule><t:RuleId>{rule.id}</t:RuleId>{rule.body}</t:Rule>" for rule in self.store.rules)
        return (
            f"<m:ResponseCode>NoError</m:ResponseCode><m:OutlookRuleBlobExists>{blob}</m:OutlookRuleBlobExists>"
            f"<m:InboxRules>{rules}</m:InboxRules>"
        )

    def _UpdateInboxRules(self, asked):  # noqa: N802
        if self.blob_exists and asked.findtext("m:RemoveOutlookRuleBlob", namespaces=NS) != "true":
            return "<m:MessageText>a blob</m:MessageText><m:ResponseCode>ErrorOutlookRuleBlobExists</m:ResponseCode>"
        for operation in asked.find("m:Operations", NS):
            if etree.QName(operation).localname == "DeleteRuleOperation":
                gone = operation.findtext("t:RuleId", namespaces=NS)
                self.store.rules = [rule for rule in self.store.rules if rule.id != gone]
            else:
                self.store.rules.append(self._rule(operation.find("t:Rule", NS)))
        return "<m:ResponseCode>NoError</m:ResponseCode>"

    def _rule(self, element) -> Rule:
        body = "".join(etree.tostring(child).decode() for child in element if etree.QName(child).localname != "RuleId")
        senders = [each.text.lower() for each in element.iterfind(".//t:FromAddresses//t:EmailAddress", NS)]
        target = element.find(".//t:MoveToFolder/t:FolderId", NS).get("Id")
        name = element.findtext("t:DisplayName", namespaces=NS)
        return Rule(f"R-{next(self.store.numbers)}", name, senders, target, body)

    def _folder(self, element) -> Folder:
        distinguished = etree.QName(element).localname == "DistinguishedFolderId"
        name = f"F-{element.get('Id')}" if distinguished else element.get("Id")
        if name == "F-root":
            return Folder("F-root", "root", None, "root")
        if name not in self.store.folders:
            raise Trouble("ErrorFolderNotFound")
        return self.store.folders[name]

    def _mail(self, element) -> Mail:
        if element.get("Id") not in self.store.mails:
            raise Trouble("ErrorItemNotFound")
        return self.store.mails[element.get("Id")]

    def _folder_xml(self, folder: Folder) -> str:
        parent = f'<t:ParentFolderId Id="{folder.parent or "F-root"}" ChangeKey="1"/>'
        known = f"<t:DistinguishedFolderId>{folder.well_known}</t:DistinguishedFolderId>" if folder.well_known else ""
        kind = "IPF.Note" if folder.well_known not in {"root", "msgfolderroot"} else ""
        return (
            f'<t:Folder><t:FolderId Id="{folder.id}" ChangeKey="1"/>{parent}<t:FolderClass>{kind}</t:FolderClass>'
            f"<t:DisplayName>{escape(folder.name)}</t:DisplayName><t:TotalCount>0</t:TotalCount>"
            f"<t:ChildFolderCount>0</t:ChildFolderCount>{known}<t:UnreadCount>0</t:UnreadCount></t:Folder>"
        )


def busy(back_off_ms: int) -> Answer:
    """Return the answer of a server that wants to be left alone for a while."""
    fault = (
        f'<s:Fault><faultcode xmlns:a="{T}">a:ErrorServerBusy</faultcode><faultstring>busy</faultstring><detail>'
        f'<e:ResponseCode xmlns:e="{E}">ErrorServerBusy</e:ResponseCode><e:Message xmlns:e="{E}">busy</e:Message>'
        f'<t:MessageXml><t:Value Name="BackOffMilliseconds">{back_off_ms}</t:Value></t:MessageXml></detail></s:Fault>'
    )
    return Answer(500, f"{_HEAD}{fault}{_TAIL}".encode(), "text/xml; charset=utf-8")


def _each(operation: str, elements, work: Callable) -> list[str]:
    out = []
    for element in elements:
        try:
            out.append(_ok(operation, work(element)))
        except Trouble as trouble:
            out.append(_bad(operation, str(trouble)))
    return out


def _ok(operation: str, body: str) -> str:
    return (
        f'<m:{operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{body}'
        f"</m:{operation}ResponseMessage>"
    )


def _bad(operation: str, code: str) -> str:
    return (
        f'<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>{code}</m:MessageText><m:ResponseCode>{code}'
        f"</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:SyncState/>"
        f"<m:IncludesLastItemInRange>true</m:IncludesLastItemInRange></m:{operation}ResponseMessage>"
    )


def _event(body: str) -> bytes:
    part = f"<m:GetStreamingEventsResponse><m:ResponseMessages>{_ok('GetStreamingEvents', body)}</m:ResponseMessages>"
    return f"{_HEAD}{part}</m:GetStreamingEventsResponse>{_TAIL}".encode()


def _fields(asked) -> set[str]:
    found = {each.get("FieldURI") for each in asked.iterfind("m:ItemShape//t:FieldURI", NS)}
    tags = {each.get("PropertyTag", "").lower() for each in asked.iterfind("m:ItemShape//t:ExtendedFieldURI", NS)}
    return found | tags


def _restriction(element) -> Callable[[Mail], bool]:
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


def _item_xml(mail: Mail, fields: set[str]) -> str:
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
