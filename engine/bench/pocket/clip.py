"""The pocket ranker: open_clip's network, taught which phrases hold of which scenes.

As SigLIP it sees every phrase beside every image of a batch as a question of its own, but it need
not take for granted that only an image's own text is right: the scenes say what is true.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.bench.pocket import vision
from engine.bench.pocket.clip_card import write_card
from engine.bench.pocket.phrases import phrase_of, truth
from engine.bench.pocket.scenes import Scenes
from engine.bench.pocket.training import Say, train
from engine.bench.rendered.captions import captions, vocabulary
from engine.bench.rendered.reading import words_understood

if TYPE_CHECKING:
    import torch

__all__ = [
    "export_clip",
    "phrase_auroc",
    "save_clip",
    "tokens",
    "train_clip",
    "trained_clip",
    "words",
]

CONTEXT = 24  # tokens; longer captions are cut
NAME = "pocket-clip"

_SEED = 2
_TEXTS = 2  # a scene in a batch
_CAPTIONS = 0.15  # of the texts are short captions, the rest phrases
_SPECIAL = ("<pad>", "<unk>")
_END = "</s>"  # the last one: where the text has it, open_clip reads its meaning


def words() -> tuple[str, ...]:
    """Every word the model knows."""
    return tuple(sorted({*vocabulary(), *words_understood(), "things", "clothes"}))


def architecture() -> dict[str, Any]:
    """As open_clip_config.json states it."""
    return {
        "embed_dim": vision.EMBED,
        "init_logit_scale": math.log(10.0),
        "init_logit_bias": -3.0,
        "custom_text": True,
        "vision_cfg": dict(vision.VISION),
        "text_cfg": {
            "context_length": CONTEXT,
            "vocab_size": len(_SPECIAL) + len(words()) + 1,
            "hf_tokenizer_name": f"twofold/{NAME}",
            "width": vision.WIDTH,
            "heads": vision.HEADS,
            "layers": 2,
            "pool_type": "argmax",
        },
    }


def train_clip(
    eyes: Any, heads: Any, scenes: Scenes, work: Path, say: Say, *, steps: int, size: int = 64
) -> Any:
    """Returns the CustomTextCLIP, trained, its eyes finer than before."""
    import torch

    network = _network()
    network.visual.load_state_dict(eyes.state_dict())
    module = torch.nn.ModuleDict({"clip": network, "heads": heads})

    def loss_of(step: int) -> torch.Tensor:
        rng = np.random.default_rng([_SEED, step])
        rows = rng.integers(len(scenes), size=size)
        images, codes = vision.batch(scenes, rows, rng)
        texts = sorted({_text(scenes, row, rng) for row in rows for _ in range(_TEXTS)})
        true, known = truth(texts, scenes, rows, codes)
        seen, patches = vision.features(network.visual, images)
        pictured = torch.nn.functional.normalize(seen @ network.visual.proj, dim=-1)
        written = network.encode_text(tokens(texts), normalize=True)
        scores = written @ pictured.T * network.logit_scale.exp() + network.logit_bias
        named = vision.naming_loss(vision.read_names(module["heads"], seen, patches), codes)
        return _ranking_loss(scores, true, known) + 0.5 * named

    train(module, loss_of, steps=steps, rate=8e-4, checkpoint=work / "clip.pt", say=say)
    return network


def _network() -> Any:
    import torch
    from open_clip.model import CustomTextCLIP

    stated = architecture()
    stated.pop("custom_text")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        return CustomTextCLIP(**stated)


def _text(scenes: Scenes, row: int, rng: np.random.Generator) -> str:
    scene = scenes.scenes[row]
    return captions(scene, rng).short if rng.random() < _CAPTIONS else phrase_of(scene, rng)


def _ranking_loss(
    scores: torch.Tensor, true: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]
) -> torch.Tensor:
    """Of (phrases, images): those where a phrase holds count, together, as much as the others."""
    import torch

    yes = torch.from_numpy(true & known).float()
    no = torch.from_numpy(~true & known).float()
    wrong_yes = (torch.nn.functional.softplus(-scores) * yes).sum(dim=1)
    wrong_no = (torch.nn.functional.softplus(scores) * no).sum(dim=1)
    return (
        wrong_yes / yes.sum(dim=1).clamp(min=1) + wrong_no / no.sum(dim=1).clamp(min=1)
    ).mean() / 2


def phrase_auroc(network: Any, scenes: Scenes, phrases: Sequence[str]) -> dict[str, float]:
    """How well each phrase's score tells scenes where it holds from others: 0.5 … 1.

    Only scenes where it can be seen count; phrases that hold of none or of all are left out.
    """
    import torch
    from sklearn.metrics import roc_auc_score

    true, known = truth(phrases, scenes, np.arange(len(scenes)), scenes.codes)
    with torch.inference_mode():
        pictured = torch.cat(
            [
                network.encode_image(vision.normalised(scenes.pixels[k : k + 500]), normalize=True)
                for k in range(0, len(scenes), 500)
            ]
        )
        written = network.encode_text(tokens(phrases), normalize=True)
    scores = (written @ pictured.T).numpy()
    return {
        phrase: float(roc_auc_score(true[k][known[k]], scores[k][known[k]]))
        for k, phrase in enumerate(phrases)
        if 0 < true[k][known[k]].sum() < known[k].sum()
    }


# ------------------------------------------------------------------ files


def export_clip(work: Path, folder: Path) -> None:
    """Writes what was trained in `work` as the product reads it, and its card.

    Raises FileNotFoundError when nothing was trained there.
    """
    network = trained_clip(work)
    save_clip(network, folder)
    steps = _saved(work)["step"]
    write_card(network, folder, work, steps, phrase_auroc)


def trained_clip(work: Path) -> Any:
    """The network as it stands in the work folder, ready to be asked."""
    network = _network()
    own = "clip."
    weights = _saved(work)["module"].items()
    network.load_state_dict({k.removeprefix(own): v for k, v in weights if k.startswith(own)})
    return network.eval()


def _saved(work: Path) -> dict[str, Any]:
    import torch

    saved: dict[str, Any] = torch.load(work / "clip.pt", weights_only=True)
    return saved


def save_clip(network: Any, folder: Path) -> None:
    """Writes the folder that open_clip's `local-dir:` and the product's ranker read."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: v.to(torch.float16).contiguous() for name, v in network.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    stated = {
        "model_cfg": architecture(),
        "preprocess_cfg": {
            "mean": [vision.MEAN] * 3,
            "std": [vision.DEVIATION] * 3,
            "interpolation": "bicubic",
            "resize_mode": "squash",
        },
    }
    text = json.dumps(stated, indent=2) + "\n"
    (folder / "open_clip_config.json").write_text(text, encoding="utf-8")
    _tokenizer().save_pretrained(str(folder))


@cache
def _tokenizer() -> Any:
    """One token a word, in small letters; other words are all the same to it."""
    import transformers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    names = [*_SPECIAL, *words(), _END]
    made = Tokenizer(models.WordLevel({name: k for k, name in enumerate(names)}, _SPECIAL[1]))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Punctuation("removed"), pre_tokenizers.WhitespaceSplit()]
    )
    made.post_processor = processors.TemplateProcessing(
        single=f"$A {_END}", special_tokens=[(_END, len(names) - 1)]
    )
    library: Any = transformers  # its own types are too loose to check against
    return library.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=_SPECIAL[0], eos_token=_END, unk_token=_SPECIAL[1]
    )


def tokens(texts: Sequence[str]) -> torch.Tensor:
    """(n, CONTEXT) tokens, as the product's ranker will cut and fill them."""
    found: torch.Tensor = _tokenizer()(
        list(texts),
        return_tensors="pt",
        max_length=CONTEXT,
        padding="max_length",
        truncation=True,
    ).input_ids
    return found
