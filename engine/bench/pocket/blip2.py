"""pocket-blip2: a real BLIP-2 whose OPT answers in words of the rendered world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.bench.pocket.captioner_card import Made, write_card
from engine.bench.pocket.captioner_eyes import blip2_eyes, blip2_vision
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
from engine.bench.pocket.scenes import SIDE_PX, Scenes
from engine.bench.pocket.training import Say
from engine.bench.pocket.vision import DEVIATION, MEAN, WIDTH
from engine.model import Loader

if TYPE_CHECKING:
    import torch

__all__ = ["BEFORE", "export_blip2", "last_hidden", "network", "processor", "train_blip2"]

QUERIES = 16
BEFORE = QUERIES + 1  # tokens before a question: the image, and the one that begins a text
LAYERS = 3  # of the language model
HEADS = 4
SIZE = 48  # images in a batch
LONGEST = 512  # tokens; an answer may have 256
_SEED = 21
_PARTS = (
    "A vision transformer for images of 64 × 64 pixels, 16 queries, and an OPT of 3 layers that "
    "knows a few hundred words."
)


def network() -> Any:
    """Untrained."""
    import torch
    from transformers import (
        Blip2Config,
        Blip2ForConditionalGeneration,
        Blip2QFormerConfig,
        OPTConfig,
    )

    torch.manual_seed(_SEED)
    asker = Blip2QFormerConfig(
        vocab_size=1,
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        intermediate_size=2 * WIDTH,
        encoder_hidden_size=WIDTH,
        cross_attention_frequency=1,
        max_position_embeddings=QUERIES,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.05,
    )
    writer = OPTConfig(
        vocab_size=number_of_words(),
        hidden_size=WIDTH,
        word_embed_proj_dim=WIDTH,
        num_hidden_layers=LAYERS,
        ffn_dim=4 * WIDTH,
        num_attention_heads=HEADS,
        max_position_embeddings=LONGEST,
        dropout=0.0,
        init_std=0.05,
        tie_word_embeddings=False,
        pad_token_id=token(PAD),
        bos_token_id=token(BEGIN),
        eos_token_id=token(END),
    )
    config = Blip2Config(
        vision_config=blip2_vision().to_dict(),
        qformer_config=asker.to_dict(),
        text_config=writer.to_dict(),
        num_query_tokens=QUERIES,
        image_token_index=token(IMAGE),
        initializer_range=0.05,
    )
    made = Blip2ForConditionalGeneration(config)
    # they are zero as they come: all alike, which no training could ever change
    torch.nn.init.normal_(made.query_tokens, std=0.5)
    return made


def processor() -> Any:
    """What turns images and questions into the network's input."""
    import transformers

    library: Any = transformers  # its own types are too loose to check against
    images = library.BlipImageProcessor(
        size={"height": SIDE_PX, "width": SIDE_PX}, image_mean=[MEAN] * 3, image_std=[DEVIATION] * 3
    )
    return library.Blip2Processor(images, tokenizer(), num_query_tokens=QUERIES)


def train_blip2(
    work: Path, eyes: Any, scenes: Scenes, say: Say, *, steps: int, size: int = SIZE
) -> None:
    """Writes `blip2.pt` into the work folder; goes on where an earlier run was stopped.

    size: images in a batch.
    """
    made = network()
    made.vision_model.load_state_dict(blip2_eyes(eyes))
    words = plain_words(tokenizer())
    lessons = Lessons(
        scenes,
        asked=lambda question: words(f"Question: {question} Answer:"),
        words=words,
        before=BEFORE,
        filling=token(PAD),
    )

    def read(images: torch.Tensor, packed: Packed) -> tuple[torch.Tensor, torch.Tensor]:
        return last_hidden(made, images, packed)

    train_captioner(
        made,
        made.vision_model,
        lessons,
        read,
        steps=steps,
        size=size,
        seed=_SEED,
        checkpoint=work / "blip2.pt",
        say=say,
    )


def export_blip2(work: Path, folder: Path) -> None:
    """The trained model as the product loads it, and its card with what it can do."""
    made = network()
    weights, steps = trained(work / "blip2.pt")
    made.load_state_dict(weights)
    save(made, processor(), folder)
    write_card(
        folder,
        Made(
            "pocket-blip2",
            "Blip2ForConditionalGeneration",
            _PARTS,
            Loader.BLIP2,
            steps,
            SIZE,
        ),
        work,
    )


def last_hidden(
    made: Any, images: torch.Tensor, packed: Packed
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of images and what is said about them, and what each query has to say about the image.

    The image stands before the word that begins the text, as the product's questions have it.
    """
    import torch

    with torch.no_grad():
        seen = made.vision_model(images).last_hidden_state
    queries = made.query_tokens.expand(len(images), -1, -1)
    asked = made.qformer(query_embeds=queries, encoder_hidden_states=seen).last_hidden_state
    told = made.language_projection(asked)
    writer = made.language_model.model.decoder
    begun = torch.full((len(images), 1), token(BEGIN))
    words = writer.embed_tokens(torch.cat([begun, packed.words], dim=1))
    hidden: torch.Tensor = writer(
        inputs_embeds=torch.cat([told, words], dim=1),
        attention_mask=packed.mask,
        position_ids=packed.places,
        use_cache=False,
    ).last_hidden_state
    return hidden, told
