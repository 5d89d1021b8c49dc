"""Models."""

from triceras.models.model import Model as Model
from triceras.models.sequential import Sequential as Sequential
