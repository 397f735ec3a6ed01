"""An emulator of Exchange Web Services over a `MailStore`: the operations that a mailbox connector needs, as SOAP."""

import base64
import time
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from tests.emulators.ews_xml import (
    HEAD,
    NS,
    TAIL,
    Trouble,
    bad,
    each,
    event,
    fields_of,
    folder_xml,
    item_xml,
    ok,
    restriction,
)
from tests.emulators.loopback import Answer, Loopback, Request
from tests.emulators.mail_store import Folder, Mail, MailStore, Rule


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
                parts = [bad(operation, str(trouble))]
        if isinstance(parts, str):
            body = f'<m:{operation}Response ResponseClass="Success">{parts}</m:{operation}Response>'
        else:
            body = f"<m:{operation}Response><m:ResponseMessages>{''.join(parts)}</m:ResponseMessages></m:{operation}Response>"
        return Answer(body=f"{HEAD}{body}{TAIL}".encode(), content_type="text/xml; charset=utf-8")

    # folders
    def _GetFolder(self, asked):  # noqa: N802 - named as the operation
        return each(
            "GetFolder",
            asked.find("m:FolderIds", NS),
            lambda e: f"<m:Folders>{folder_xml(self._folder(e))}</m:Folders>",
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
            folders = "".join(map(folder_xml, found))
            size = len(found)
            return (
                f'<m:RootFolder TotalItemsInView="{size}" IncludesLastItemInRange="true" IndexedPagingOffset="{size}">'
                f"<t:Folders>{folders}</t:Folders></m:RootFolder>"
            )

        return each("FindFolder", asked.find("m:ParentFolderIds", NS), one)

    def _CreateFolder(self, asked):  # noqa: N802
        parent = self._folder(asked.find("m:ParentFolderId", NS)[0])

        def one(element):
            name = element.findtext("t:DisplayName", namespaces=NS)
            if any(folder.parent == parent.id and folder.name == name for folder in self.store.folders.values()):
                raise Trouble("ErrorFolderExists")
            made = self.store.make_folder(name, parent.id)
            return f'<m:Folders><t:Folder><t:FolderId Id="{made.id}" ChangeKey="1"/></t:Folder></m:Folders>'

        return each("CreateFolder", asked.find("m:Folders", NS), one)

    # items
    def _GetItem(self, asked):  # noqa: N802
        fields = fields_of(asked)
        return each(
            "GetItem", asked.find("m:ItemIds", NS), lambda e: f"<m:Items>{item_xml(self._mail(e), fields)}</m:Items>"
        )

    def _FindItem(self, asked):  # noqa: N802
        fields = fields_of(asked)
        view = asked.find("m:IndexedPageItemView", NS)
        start, most = int(view.get("Offset", 0)), int(view.get("MaxEntriesReturned", 1000))
        wanted = restriction(asked.find("m:Restriction", NS))

        def one(element):
            folder = self._folder(element).id
            found = [mail for mail in self.store.mails.values() if mail.folder == folder and wanted(mail)]
            page = found[start : start + most]
            last = str(start + len(page) >= len(found)).lower()
            items = "".join(item_xml(mail, fields - {"item:MimeContent"}) for mail in page)
            return (
                f'<m:RootFolder IndexedPagingOffset="{start + len(page)}" TotalItemsInView="{len(found)}" '
                f'IncludesLastItemInRange="{last}"><t:Items>{items}</t:Items></m:RootFolder>'
            )

        return each("FindItem", asked.find("m:ParentFolderIds", NS), one)

    def _MoveItem(self, asked):  # noqa: N802
        target = self._folder(asked.find("m:ToFolderId", NS)[0]).id

        def one(element):
            moved = self.store.move(self._mail(element), target)
            return f'<m:Items><t:Message><t:ItemId Id="{moved.id}" ChangeKey="1"/></t:Message></m:Items>'

        return each("MoveItem", asked.find("m:ItemIds", NS), one)

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

        return each("UpdateItem", asked.find("m:ItemChanges", NS), one)

    def _SyncFolderItems(self, asked):  # noqa: N802
        folder = self._folder(asked.find("m:SyncFolderId", NS)[0]).id
        state = asked.findtext("m:SyncState", namespaces=NS) or ""
        most = int(asked.findtext("m:MaxChangesReturned", namespaces=NS))
        generation, since = map(int, base64.b64decode(state).split(b".")) if state else (self.store.generation, 0)
        if generation != self.store.generation:
            return [bad("SyncFolderItems", "ErrorInvalidSyncStateData")]
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
        return [ok("SyncFolderItems", body)]

    def _change_xml(self, kind: str, mail_id: str, mail: Mail) -> str:
        if kind == "Delete" or mail_id not in self.store.mails:
            return f'<t:Delete><t:ItemId Id="{mail_id}" ChangeKey="1"/></t:Delete>'
        return f"<t:{kind}>{item_xml(mail, {'item:Size'})}</t:{kind}>"

    # notifications
    def _Subscribe(self, asked):  # noqa: N802
        name = f"S-{next(self.store.numbers)}"
        folder = self._folder(asked.find(".//t:FolderIds", NS)[0]).id
        self._subscriptions[name] = (folder, next(self.store.numbers))
        return [ok("Subscribe", f"<m:SubscriptionId>{name}</m:SubscriptionId>")]

    def _Unsubscribe(self, asked):  # noqa: N802
        self._subscriptions.pop(asked.findtext("m:SubscriptionId", namespaces=NS), None)
        return [ok("Unsubscribe", "")]

    def _events(self, asked) -> Iterator[bytes]:
        name = asked.find("m:SubscriptionIds", NS)[0].text
        folder, since = self._subscriptions[name]
        until = time.monotonic() + 60 * int(asked.findtext("m:ConnectionTimeout", namespaces=NS))
        yield event("<m:ConnectionStatus>OK</m:ConnectionStatus>")
        while (left := until - time.monotonic()) > 0:
            with self.store.changed:
                if not self.store.changes(folder, since):
                    self.store.changed.wait(min(left, 1))
                new = self.store.changes(folder, since)
            for change in new:
                since = change.number
                kind = {"Create": "NewMailEvent", "Delete": "DeletedEvent", "Update": "ModifiedEvent"}[change.kind]
                yield event(
                    f"<m:Notifications><m:Notification><t:SubscriptionId>{name}</t:SubscriptionId><t:{kind}>"
                    f'<t:TimeStamp>2026-03-10T10:00:00Z</t:TimeStamp><t:ItemId Id="{change.id}" ChangeKey="1"/>'
                    f'<t:ParentFolderId Id="{folder}" ChangeKey="1"/></t:{kind}></m:Notification></m:Notifications>'
                )
        yield event("<m:ConnectionStatus>Closed</m:ConnectionStatus>")

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
