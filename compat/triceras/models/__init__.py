"""Models."""

from triceras.models.cloning import clone_model as clone_model
from triceras.models.cloning import model_from_json as model_from_json
from triceras.models.functional import Functional as Functional
from triceras.models.model import Model as Model
from triceras.models.sequential import Sequential as Sequential
from triceras.utils.registry import publish

publish("keras", {"Model": Model, "Sequential": Sequential})
publish("keras.src.models.functional", {"Functional": Functional})
