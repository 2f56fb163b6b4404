"""What the person asks about models, and who is told: the engine, or the installer.

Views call its methods; they hear of changes through `Session.changed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject

from desktop import failure_wording
from desktop.engine_process import Death
from desktop.installer_process import InstallerProcess
from desktop.models_state import End, ModelsState, Order, Task
from desktop.sources import Failure
from engine.protocol import Done, Message


class ModelsSession(QObject):
    """send: to the engine. cancel: a request of the engine's. tell: something changed."""

    def __init__(
        self,
        state: ModelsState,
        installer: InstallerProcess,
        send: Callable[[Iterable[Message]], None],
        cancel: Callable[[str], None],
        tell: Callable[[tuple[str, ...]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.state = state
        self._installer = installer
        self._send = send
        self._cancel = cancel
        self._tell = tell
        installer.received.connect(self._on_install_event)
        installer.died.connect(self._on_installer_death)

    # --- what the person asks for -----------------------------------------------------------

    def refresh(self, *, anew: bool = False) -> None:
        """Ask for the list again: the memory that is free changes, and so may the folder.

        anew: something has changed just now, so an answer that is on its way will not do.
        """
        self._send(self.state.list_models(anew=anew))

    def install(self, names: Sequence[str]) -> None:
        self.do(Order(Task.INSTALL, tuple(names)))

    def verify(self, names: Sequence[str]) -> None:
        self.do(Order(Task.VERIFY, tuple(names)))

    def remove(self, name: str) -> None:
        self.do(Order(Task.REMOVE, (name,)))

    def do(self, order: Order) -> None:
        """Does nothing while other work on models goes on."""
        if self.state.work is not None:
            return
        requests = self.state.begin(order)
        if order.task is Task.INSTALL:
            self._installer.start(self.state.root, order.names)
        self._send(requests)
        self._tell(())

    def retry(self) -> None:
        """The same once more, after it failed or was stopped; or the list, if that failed."""
        ended = self.state.ended
        self.state.forget_ended()
        if ended is not None and ended.end is not End.DONE:
            self.do(ended.order)
        else:
            self.refresh()
            self._tell(())

    def stop(self) -> None:
        work = self.state.stop()
        if work is None:
            return
        if work.id:
            self._cancel(work.id)
        else:
            self._installer.cancel()
        self._tell(())

    def forget_ended(self) -> None:
        self.state.forget_ended()
        self._tell(())

    def begin_close(self) -> None:
        """Ask the installer to end, so that it does so while other things are closed."""
        self._installer.cancel()

    def close(self) -> None:
        self._installer.close()

    # --- news -------------------------------------------------------------------------------

    def on_welcome(self) -> None:
        """A fresh engine: what was known of models may be old."""
        if self.state.entries is not None:
            self.refresh()

    def on_engine_event(self, event: Message) -> None:
        worked = self.state.work
        if not self.state.on_engine_event(event):
            return
        recipes = event.recipes if isinstance(event, Done) else ()
        if worked is not None and self.state.work is None and not recipes:
            self.refresh(anew=True)  # it ended without saying what came of it
        self._tell(recipes)

    def on_engine_gone(self, failure: Failure | None) -> None:
        self.state.on_engine_gone(failure)
        self._tell(())

    def _on_install_event(self, event: Message) -> None:
        if self.state.on_install_event(event):
            self._look_again()

    def _on_installer_death(self, death: Death) -> None:
        self.state.on_install_failed(failure_wording.installer_gone(death))
        self._look_again()

    def _look_again(self) -> None:
        if self.state.work is None:
            self.refresh(anew=True)
        self._tell(())
