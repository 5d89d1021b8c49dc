"""Layers."""

from triceras.layers.attention import AdditiveAttention as AdditiveAttention
from triceras.layers.attention import Attention as Attention
from triceras.layers.core import Activation as Activation
from triceras.layers.core import Dense as Dense
from triceras.layers.core import Dropout as Dropout
from triceras.layers.core import Flatten as Flatten
from triceras.layers.einsum_dense import EinsumDense as EinsumDense
from triceras.layers.embedding import Embedding as Embedding
from triceras.layers.embedding import Masking as Masking
from triceras.layers.input_spec import InputSpec as InputSpec
from triceras.layers.inputs import Input as Input
from triceras.layers.inputs import InputLayer as InputLayer
from triceras.layers.layer import Layer as Layer
from triceras.layers.multi_head_attention import GroupQueryAttention as GroupQueryAttention
from triceras.layers.multi_head_attention import GroupQueryAttention as GroupedQueryAttention
from triceras.layers.multi_head_attention import MultiHeadAttention as MultiHeadAttention
from triceras.layers.recurrent import RNN as RNN
from triceras.layers.recurrent import StackedRNNCells as StackedRNNCells
from triceras.layers.recurrent_cells import GRUCell as GRUCell
from triceras.layers.recurrent_cells import LSTMCell as LSTMCell
from triceras.layers.recurrent_cells import SimpleRNNCell as SimpleRNNCell
from triceras.layers.recurrent_layers import GRU as GRU
from triceras.layers.recurrent_layers import LSTM as LSTM
from triceras.layers.recurrent_layers import SimpleRNN as SimpleRNN
from triceras.layers.wrappers import Bidirectional as Bidirectional
from triceras.layers.wrappers import TimeDistributed as TimeDistributed
