"""Tiny captioners with random weights, saved as real models are: real classes, real tokenizers.

Under a megabyte each and made in a second. What they write is noise, but noise that depends on
the image, so that order, batches and repetition can be tested with them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import blake3

from engine.model import InstalledModel, Licence, Loader, ModelFile, ModelSpec, Role

VOCABULARY = """
a an the of in on with and two three dog cat horse child woman man beach forest street room snow
rain sunlight night red green blue white black small large old young runs sits stands eats looks
holds near under behind table tree car boat house window flower mountain river
"""
WORDS = tuple(VOCABULARY.split())
SPECIAL = ("<pad>", "</s>", "<unk>", "<s>", "<image>", "<video>")
IMAGE_PX = 32
PATCH_PX = 8
WIDTH = 32
TURN = (
    "{% for message in messages %}{{ message['role'] | upper + ': ' }}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ '<image> ' }}"
    "{% else %}{{ part['text'] + ' ' }}{% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
GRID = [[32, 64], [64, 32], [64, 64], [32, 96], [96, 32]]  # of tiles, for the relatives of LLaVA


def installed(folder: Path, loader: Loader, **options: Any) -> InstalledModel:
    """A folder of files as the shelf hands it out."""
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    digest = blake3.blake3()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name].read_bytes())
    spec = ModelSpec(
        name=folder.name,
        title=f"Tiny {folder.name}",
        roles=(Role.CAPTIONER,),
        loader=loader,
        files=tuple(ModelFile(path=name) for name in sorted(files)),
        licence=Licence(name="none", url=""),
        options=options,
    )
    return InstalledModel(
        spec=spec,
        folder=folder,
        files=files,
        revision="0" * 40,
        fingerprint=digest.hexdigest(16),
        size_bytes=sum(path.stat().st_size for path in files.values()),
    )


def tokenizer(*, bos: bool = False) -> Any:
    """One token a word, known in code; whatever else is <unk>."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: i for i, word in enumerate((*SPECIAL, *WORDS))}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_special_tokens([*SPECIAL])
    if bos:
        made.post_processor = processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", vocabulary["<s>"])]
        )
    else:
        made.post_processor = processors.TemplateProcessing(
            single="$A </s>", special_tokens=[("</s>", vocabulary["</s>"])]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        bos_token="<s>" if bos else None,
    )


def blip2(folder: Path, *, decoder: bool = False, seed: int = 0, endless: bool = False) -> Path:
    """BLIP-2 with a T5 as it comes with FLAN, or with an OPT.

    endless: its texts never end by themselves.
    """
    import torch
    from transformers import (
        Blip2Config,
        Blip2ForConditionalGeneration,
        Blip2Processor,
        Blip2QFormerConfig,
        Blip2VisionConfig,
        BlipImageProcessor,
    )

    torch.manual_seed(seed)
    vision = Blip2VisionConfig(
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=IMAGE_PX,
        patch_size=PATCH_PX,
        initializer_range=0.3,
    )
    asker = Blip2QFormerConfig(
        vocab_size=16,
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * WIDTH,
        encoder_hidden_size=WIDTH,
        initializer_range=0.3,
    )
    config = Blip2Config(
        vision_config=vision.to_dict(),
        qformer_config=asker.to_dict(),
        text_config=_opt(endless) if decoder else _t5(endless),
        num_query_tokens=4,
        image_token_index=SPECIAL.index("<image>"),
        initializer_range=0.3,
    )
    network = Blip2ForConditionalGeneration(config)
    _shake(network, seed)
    processor = Blip2Processor(
        BlipImageProcessor(size={"height": IMAGE_PX, "width": IMAGE_PX}),
        tokenizer(bos=decoder),
        num_query_tokens=4,
    )
    return _save(folder, network, processor)


def llava(
    folder: Path,
    *,
    family: str = "llava",
    seed: int = 0,
    endless: bool = False,
    template: str | None = TURN,
    language: dict[str, int] | None = None,
    precision: str = "float32",
) -> Path:
    """LLaVA-1.5; family "llava_next" and "llava_onevision" make its relatives, which look at tiles.

    The relatives' prompts are of different length for images of different shape. language: other
    measures of the language model, for one that is not tiny.
    """
    import torch

    torch.manual_seed(seed)
    make = {"llava": _llava, "llava_next": _llava_next, "llava_onevision": _llava_onevision}
    written_by = _qwen2(endless) if family == "llava_onevision" else _llama(endless)
    written_by.update(language or {})
    network, processor = make[family](written_by, template)
    _shake(network, seed)
    return _save(folder, network.to(getattr(torch, precision)), processor)


def _t5(endless: bool) -> dict[str, Any]:
    from transformers import T5Config

    return T5Config(
        vocab_size=len(SPECIAL) + len(WORDS),
        d_model=WIDTH,
        d_kv=16,
        d_ff=2 * WIDTH,
        num_layers=2,
        num_heads=2,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        pad_token_id=0,
        eos_token_id=_end(endless),
        decoder_start_token_id=0,
    ).to_dict()


def _opt(endless: bool) -> dict[str, Any]:
    from transformers import OPTConfig

    return OPTConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        ffn_dim=2 * WIDTH,
        num_attention_heads=2,
        max_position_embeddings=4096,
        word_embed_proj_dim=WIDTH,
        tie_word_embeddings=False,
        pad_token_id=0,
        bos_token_id=SPECIAL.index("<s>"),
        eos_token_id=_end(endless),
    ).to_dict()


def _llama(endless: bool) -> Any:
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        pad_token_id=0,
        bos_token_id=SPECIAL.index("<s>"),
        eos_token_id=_end(endless),
    )


def _qwen2(endless: bool) -> Any:
    from transformers import Qwen2Config

    return Qwen2Config(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        pad_token_id=0,
        eos_token_id=_end(endless),
    )


def _end(endless: bool) -> int:
    return 10_000 if endless else SPECIAL.index("</s>")  # a number no network here can write


def _clip() -> Any:
    from transformers import CLIPVisionConfig

    return CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=IMAGE_PX,
        patch_size=PATCH_PX,
    )


def _llava(language: Any, template: str | None) -> tuple[Any, Any]:
    from transformers import (
        CLIPImageProcessor,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    config = LlavaConfig(
        vision_config=_clip(),
        text_config=language,
        image_token_index=SPECIAL.index("<image>"),
        image_seq_length=(IMAGE_PX // PATCH_PX) ** 2,
    )
    processor = LlavaProcessor(
        CLIPImageProcessor(size={"shortest_edge": IMAGE_PX}, crop_size=IMAGE_PX),
        tokenizer(bos=True),
        patch_size=PATCH_PX,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=template,
    )
    return LlavaForConditionalGeneration(config), processor


def _llava_next(language: Any, template: str | None) -> tuple[Any, Any]:
    from transformers import (
        LlavaNextConfig,
        LlavaNextForConditionalGeneration,
        LlavaNextImageProcessor,
        LlavaNextProcessor,
    )

    config = LlavaNextConfig(
        vision_config=_clip(),
        text_config=language,
        image_token_index=SPECIAL.index("<image>"),
        image_grid_pinpoints=GRID,
        image_seq_length=(IMAGE_PX // PATCH_PX) ** 2,
    )
    processor = LlavaNextProcessor(
        LlavaNextImageProcessor(
            size={"shortest_edge": IMAGE_PX}, crop_size=IMAGE_PX, image_grid_pinpoints=GRID
        ),
        tokenizer(bos=True),
        patch_size=PATCH_PX,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=template,
    )
    return LlavaNextForConditionalGeneration(config), processor


def _llava_onevision(language: Any, template: str | None) -> tuple[Any, Any]:
    from transformers import (
        LlavaOnevisionConfig,
        LlavaOnevisionForConditionalGeneration,
        LlavaOnevisionImageProcessor,
        LlavaOnevisionProcessor,
        LlavaOnevisionVideoProcessor,
        SiglipVisionConfig,
    )

    vision = SiglipVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=IMAGE_PX,
        patch_size=PATCH_PX,
        vision_use_head=False,
    )
    config = LlavaOnevisionConfig(
        vision_config=vision,
        text_config=language,
        image_token_index=SPECIAL.index("<image>"),
        video_token_index=SPECIAL.index("<video>"),
        image_grid_pinpoints=GRID,
    )
    processor = LlavaOnevisionProcessor(
        LlavaOnevisionImageProcessor(
            size={"height": IMAGE_PX, "width": IMAGE_PX}, image_grid_pinpoints=GRID
        ),
        tokenizer(bos=True),
        LlavaOnevisionVideoProcessor(size={"height": IMAGE_PX, "width": IMAGE_PX}),
        num_image_tokens=(IMAGE_PX // PATCH_PX) ** 2,
        vision_feature_select_strategy="full",
        video_token="<video>",
        chat_template=template,
    )
    return LlavaOnevisionForConditionalGeneration(config), processor


def _shake(network: Any, seed: int) -> None:
    """Weights large enough that the image decides the words."""
    import torch

    drawn = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weights in network.named_parameters():
            if weights.ndim > 1:
                width = weights[0].numel()
                weights.normal_(0, 1.5 * width**-0.5, generator=drawn)
            elif name.endswith("bias"):
                weights.zero_()


def _save(folder: Path, network: Any, processor: Any) -> Path:
    network.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def edit_config(folder: Path, **changes: Any) -> None:
    """Changes values in a saved model's config.json; None takes a key away."""
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config |= changes
    path.write_text(json.dumps({k: v for k, v in config.items() if v is not None}))


def silence(folder: Path) -> None:
    """Makes a saved LLaVA write <pad>, whatever it sees: all words are alike, and that is first."""
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    tensors = load_file(path)
    for name, tensor in tensors.items():
        if name.endswith("model.norm.weight"):
            tensor.zero_()
    save_file(tensors, path, {"format": "pt"})
