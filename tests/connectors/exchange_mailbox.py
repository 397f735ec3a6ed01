"""The server's side of a mailbox in a `MailStore`, as senders and staff use it: shared by `exchange` and `graph`."""

from tests.connectors.mail_contract import Mailbox
from tests.emulators.mail_store import MailStore


class StoreMailbox(Mailbox):
    """Give it `store`, and `connect`."""

    store: MailStore

    def deliver(self, raw, folder="INBOX"):
        self.store.deliver(raw, folder)

    def staff_move(self, name, folder):
        for found in self.store.by_subject(name):
            self.store.move(found, self.store.folder_named(folder).id)

    def staff_delete(self, name):
        for found in self.store.by_subject(name):
            self.store.delete(found)

    def where(self, name):
        names = [self.store.folders[found.folder].name for found in self.store.by_subject(name)]
        return ["INBOX" if folder == "Inbox" else folder for folder in names]

    def renumber(self):
        self.store.generation += 1
