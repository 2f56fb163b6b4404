"""One small tree of errors: a stable code, a sentence for a person, the next step.

Only codes and these sentences cross the boundary between the engine and a frontend.
A failure that is not one of these is a bug and is reported as `internal`.
"""

from __future__ import annotations


class TwofoldError(Exception):
    """Something a person can do something about.

    code: stable, snake_case, part of the documented interface.
    message: one sentence. hint: the next step.
    """

    code = "internal"
    exit_status = 70

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(TwofoldError):
    """What was handed in cannot be compared."""

    code = "bad_input"
    exit_status = 2


class MissingPath(InputError):
    """A folder, file or table that was named does not exist."""

    code = "missing_path"


class NoImages(InputError):
    """A side holds no image that could be read."""

    code = "no_images"


class SameSet(InputError):
    """Both sides name the same files."""

    code = "same_set"


class BadTable(InputError):
    """The table lacks a column or cannot be read as CSV."""

    code = "bad_table"


class BadRecipe(InputError):
    """The recipe is unknown, or its file holds something wrong."""

    code = "bad_recipe"


class NotTwoGroups(InputError):
    """A table or a parent folder does not hold exactly two groups."""

    code = "not_two_groups"


class NoPermission(InputError):
    """A folder or file may not be read or written by this user."""

    code = "no_permission"


class UnknownComparison(InputError):
    """No stored comparison, or more than one, has this id."""

    code = "unknown_comparison"


class StorageError(TwofoldError):
    """The data folder cannot be used as it is."""

    code = "storage"
    exit_status = 74


class DiskFull(StorageError):
    """There is no space left where something had to be written."""

    code = "disk_full"


class DataFolderReadOnly(StorageError):
    """The data folder cannot be written by this user."""

    code = "data_folder_read_only"


class DatabaseDamaged(StorageError):
    """The database cannot be read; it is left as it is."""

    code = "database_damaged"


class DatabaseNewer(StorageError):
    """The database was written by a newer Twofold."""

    code = "database_newer"


class DatabaseBusy(StorageError):
    """Another Twofold is using the database."""

    code = "database_busy"


class DiskFailed(StorageError):
    """The disk reported an error."""

    code = "disk_error"


class ExportFailed(StorageError):
    """A report or table could not be written."""

    code = "export_failed"


class ModelError(TwofoldError):
    """A model cannot be used as it is."""

    code = "model"
    exit_status = 69


class UnknownModel(ModelError):
    """The manifest knows no model of this name."""

    code = "unknown_model"


class ModelMissing(ModelError):
    """The model is known, and not installed."""

    code = "model_missing"


class ModelDamaged(ModelError):
    """A file of the model is missing, cut short, or not the one that was installed."""

    code = "model_damaged"


class ModelRefused(ModelError):
    """A file could carry foreign code, or its structure is not sane; it was not opened."""

    code = "model_refused"


class WrongModel(ModelError):
    """The files are those of another kind of model than the role needs."""

    code = "wrong_model"


class BadManifest(ModelError):
    """A manifest entry or a bundle holds something wrong."""

    code = "bad_manifest"


class NotEnoughMemory(ModelError):
    """The model does not fit into the memory there is."""

    code = "not_enough_memory"


class LibraryMissing(ModelError):
    """A library that this model needs is not installed."""

    code = "library_missing"


class ModelFailed(ModelError):
    """The model, its library or the graphics driver failed while it worked."""

    code = "model_failed"


class ShelfBusy(ModelError):
    """Another program is changing the models folder."""

    code = "shelf_busy"


class InstallFailed(ModelError):
    """A model could not be fetched; what was fetched so far is kept for the next try."""

    code = "install_failed"


class EngineError(TwofoldError):
    """The engine process itself is in trouble."""

    code = "engine"
    exit_status = 70


class EngineDied(EngineError):
    """The engine process ended before it answered."""

    code = "engine_died"


class ProtocolMismatch(EngineError):
    """The frontend and the engine are of different versions."""

    code = "protocol_mismatch"


class WorkersFailed(EngineError):
    """The processes that read images cannot start."""

    code = "workers_failed"


class LockRequired(EngineError):
    """A network lock was required and could not be had."""

    code = "lock_required"


class Internal(EngineError):
    """A fault of Twofold itself."""

    code = "internal"


class Cancelled(Exception):
    """The person asked to stop. Not an error: nothing was lost."""

    exit_status = 130


#: code -> why one file of a set was not compared, as a sentence without its path
SKIP_REASONS: dict[str, str] = {
    "empty_file": "The file is empty.",
    "not_an_image": "The file's content is not an image Twofold can read.",
    "damaged": "The image is damaged or incomplete.",
    "too_many_pixels": "The image is larger than the pixel limit.",
    "file_too_large": "The file is larger than the size limit.",
    "timeout": "Decoding took longer than the time limit.",
    "crashed": "Decoding crashed; the image was left out.",
    "out_of_memory": "Decoding needed more memory than its limit.",
    "vanished": "The file was gone when it was to be read.",
    "no_permission": "The file may not be read by this user.",
    "outside_link": "A link that leads out of the chosen folder; it was not followed.",
    "broken_link": "A link to a file that does not exist.",
    "link_loop": "A link that leads back to itself.",
    "special_file": "A special file (pipe, socket or device); it was not opened.",
    "missing_in_table": "The table names a file that does not exist.",
    "unreadable_folder": "The folder may not be listed by this user.",
    "io_error": "The disk reported an error while the file was read.",
    "unsupported": "The image uses a feature that is not supported.",
}

#: code -> what could mislead in a whole comparison, as a sentence
NOTES: dict[str, str] = {
    "not_held_out": "The sets are too small to hold images out, so phrases were tested on the "
    "images they were found in; the correction counts every candidate phrase.",
    "very_unequal": "One set is more than twenty times as large as the other; the smaller one "
    "limits what can be found.",
    "few_images": "With so few images a side, only large differences can be seen.",
    "many_skipped": "More than one file in twenty could not be read.",
    "shared_images": "Some images stand in both sets.",
    "technical_difference": "Technical properties alone tell the sets apart; differences in "
    "content may follow from how the images were made or stored.",
    "files_changed": "Some files changed or vanished while the comparison ran.",
    "captions_missing": "More than one image in ten of those shown to the captioner got no usable "
    "caption.",
    "captions_not_english": "Many captions are not in English; the phrases are, and models know "
    "English best.",
    "llm_repeated": "The language model repeated itself and proposed fewer phrases than asked for.",
    "only_rendered": "Models took part that know only the scenes Twofold renders itself; what they "
    "say of photographs means nothing.",
    "lock_degraded": "The network lock was only partly available on this system.",
}
