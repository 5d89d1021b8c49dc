"""Callbacks."""

from triceras.callbacks.callback import Callback as Callback
from triceras.callbacks.callback import CallbackList as CallbackList
from triceras.callbacks.standard import EpochLines as EpochLines
from triceras.callbacks.standard import History as History
from triceras.callbacks.standard import ProgbarLogger as ProgbarLogger
from triceras.callbacks.standard import TerminateOnNaN as TerminateOnNaN
