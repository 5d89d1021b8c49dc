"""Models."""

from triceras.models.cloning import clone_model as clone_model
from triceras.models.cloning import model_from_json as model_from_json
from triceras.models.functional import Functional as Functional
from triceras.models.model import Model as Model
from triceras.models.sequential import Sequential as Sequential
