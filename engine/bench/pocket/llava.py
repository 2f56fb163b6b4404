"""pocket-llava: a real LLaVA whose Llama answers in words of the rendered world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.bench.pocket.captioner_card import Made, write_card
from engine.bench.pocket.captioner_eyes import PATCHES, vit_eyes, vit_vision
from engine.bench.pocket.captioner_lessons import Lessons, plain_words
from engine.bench.pocket.captioner_packing import Packed
from engine.bench.pocket.captioner_training import save, train_captioner, trained
from engine.bench.pocket.captioner_words import (
    BEGIN,
    END,
    IMAGE,
    PAD,
    number_of_words,
    token,
    tokenizer,
)
from engine.bench.pocket.scenes import DIMENSIONS, SIDE_PX, Scenes
from engine.bench.pocket.training import Say
from engine.bench.pocket.vision import DEVIATION, MEAN, PATCH_PX, WIDTH, normalised
from engine.model import Loader

if TYPE_CHECKING:
    import torch

__all__ = ["BEFORE", "export_llava", "last_hidden", "network", "processor", "train_llava"]

SEEN = PATCHES + 1  # the class token is looked at too: it knows most about the whole
LAYERS = 3  # of the language model
HEADS = 4
SIZE = 32  # images in a batch
LONGEST = 1024  # tokens
YES_OR_NO = 3  # questions about every image
#: one turn: the image, the question, and who speaks next
TURN = (
    "{% for message in messages %}{{ message['role'] + ': ' }}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ '<image> ' }}"
    "{% else %}{{ part['text'] + ' ' }}{% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
)
_BEGUN = (BEGIN, "user", ":")  # and then the image
BEFORE = len(_BEGUN) + SEEN  # tokens before a question
_SEED = 31
_PROBED = 256  # images by which the projector is set to the scale of what the eyes say
_PARTS = (
    "A vision transformer for images of 64 × 64 pixels, a projector, and a Llama of 3 layers that "
    "knows a few hundred words."
)


def network() -> Any:
    """Untrained."""
    import torch
    from transformers import LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    torch.manual_seed(_SEED)
    writer = LlamaConfig(
        vocab_size=number_of_words(),
        hidden_size=WIDTH,
        intermediate_size=3 * WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=LONGEST,
        initializer_range=0.05,
        tie_word_embeddings=False,
        pad_token_id=token(PAD),
        bos_token_id=token(BEGIN),
        eos_token_id=token(END),
    )
    config = LlavaConfig(
        vision_config=vit_vision(),
        text_config=writer,
        image_token_index=token(IMAGE),
        image_seq_length=SEEN,
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
    )
    return LlavaForConditionalGeneration(config)


def processor() -> Any:
    """What turns images and questions into the network's input."""
    import transformers

    library: Any = transformers  # its own types are too loose to check against
    images = library.CLIPImageProcessor(
        size={"shortest_edge": SIDE_PX},
        crop_size=SIDE_PX,
        image_mean=[MEAN] * 3,
        image_std=[DEVIATION] * 3,
    )
    return library.LlavaProcessor(
        images,
        tokenizer(),
        patch_size=PATCH_PX,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=1,
        chat_template=TURN,
    )


def train_llava(
    work: Path, eyes: Any, scenes: Scenes, say: Say, *, steps: int, size: int = SIZE
) -> None:
    """Writes `llava.pt` into the work folder; goes on where an earlier run was stopped.

    size: images in a batch.
    """
    made = network()
    made.model.vision_tower.load_state_dict(vit_eyes(eyes), strict=False)  # but for the pooler
    _set_scale(made, normalised(scenes.pixels[:_PROBED]))
    words = plain_words(tokenizer())
    lessons = Lessons(
        scenes,
        asked=lambda question: words(f"{question} assistant:"),
        words=words,
        before=BEFORE,
        filling=token(PAD),
        yes_or_no=YES_OR_NO,
    )

    def read(images: torch.Tensor, packed: Packed) -> tuple[torch.Tensor, torch.Tensor]:
        return last_hidden(made, images, packed)

    train_captioner(
        made,
        made.model.vision_tower,
        lessons,
        read,
        steps=steps,
        size=size,
        seed=_SEED,
        checkpoint=work / "llava.pt",
        say=say,
    )


def export_llava(work: Path, folder: Path) -> None:
    """The trained model as the product loads it, and its card with what it can do."""
    made = network()
    weights, steps = trained(work / "llava.pt")
    made.load_state_dict(weights)
    save(made, processor(), folder)
    write_card(
        folder,
        Made(
            "pocket-llava",
            "LlavaForConditionalGeneration",
            _PARTS,
            Loader.LLAVA,
            steps,
            SIZE,
            yes_or_no=True,
        ),
        work,
    )


def _seen(made: Any, images: torch.Tensor) -> torch.Tensor:
    import torch

    with torch.no_grad():
        tower = made.model.vision_tower(images, output_hidden_states=True)
    seen: torch.Tensor = tower.hidden_states[-1]
    return seen


def _set_scale(made: Any, images: torch.Tensor) -> None:
    """Makes the untrained projector see numbers around 0 and about 1, whatever the eyes say."""
    import torch

    seen = _seen(made, images).flatten(0, 1)
    first = made.model.multi_modal_projector.linear_1
    with torch.no_grad():
        first.weight.normal_(std=WIDTH**-0.5).div_(seen.std(dim=0))
        first.bias.copy_(-first.weight @ seen.mean(dim=0))


def last_hidden(
    made: Any, images: torch.Tensor, packed: Packed
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of images and what is said about them, and what the class token says, for each dimension.

    The image stands where the chat template puts it, behind the first words.
    """
    import torch

    told = made.model.multi_modal_projector(_seen(made, images))
    writer = made.model.language_model
    begun = torch.tensor([[token(word) for word in _BEGUN]]).expand(len(images), -1)
    before, words = writer.embed_tokens(begun), writer.embed_tokens(packed.words)
    hidden: torch.Tensor = writer(
        inputs_embeds=torch.cat([before, told, words], dim=1),
        attention_mask=packed.mask,
        position_ids=packed.places,
        use_cache=False,
    ).last_hidden_state
    return hidden, told[:, :1].expand(-1, len(DIMENSIONS), -1)
