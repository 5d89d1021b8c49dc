"""Callbacks: what happens around epochs and batches."""

from triceras.callbacks.averages import SwapEMAWeights as SwapEMAWeights
from triceras.callbacks.callback import Callback as Callback
from triceras.callbacks.callback_list import CallbackList as CallbackList
from triceras.callbacks.checkpoint import BackupAndRestore as BackupAndRestore
from triceras.callbacks.checkpoint import ModelCheckpoint as ModelCheckpoint
from triceras.callbacks.csv_logger import CSVLogger as CSVLogger
from triceras.callbacks.custom import LambdaCallback as LambdaCallback
from triceras.callbacks.custom import RemoteMonitor as RemoteMonitor
from triceras.callbacks.early_stopping import EarlyStopping as EarlyStopping
from triceras.callbacks.early_stopping import TerminateOnNaN as TerminateOnNaN
from triceras.callbacks.event_files import TensorBoard as TensorBoard
from triceras.callbacks.history import History as History
from triceras.callbacks.learning_rate import LearningRateScheduler as LearningRateScheduler
from triceras.callbacks.learning_rate import ReduceLROnPlateau as ReduceLROnPlateau
from triceras.callbacks.orbax_checkpoint import OrbaxCheckpoint as OrbaxCheckpoint
from triceras.callbacks.progress import EpochLines as EpochLines
from triceras.callbacks.progress import ProgbarLogger as ProgbarLogger
from triceras.callbacks.weights_file import load_weights as load_weights
from triceras.callbacks.weights_file import save_weights as save_weights
