"""What the stable codes of the engine are called in a sentence. Tables only."""

from __future__ import annotations

#: Finding.test -> its name
TESTS = {
    "mann-whitney": "Mann–Whitney U test",
    "exact": "exact rank-sum test",
    "permutation": "permutation test of the rank sum",
    "fisher": "Fisher’s exact test",
}

#: layer of the network lock -> what it is
LOCK_LAYERS = {
    "namespace": "a network namespace of the kernel with nothing in it",
    "seccomp": "a filter of the kernel that refuses sockets",
    "sandbox": "the system’s sandbox",
    "audit": "a hook that refuses sockets inside the program",
}

#: code of `errors.SKIP_REASONS` -> as a word or two behind a number: "2 damaged"
SKIPPED = {
    "empty_file": "empty",
    "not_an_image": "not an image Twofold can read",
    "damaged": "damaged or incomplete",
    "too_many_pixels": "above the pixel limit",
    "file_too_large": "above the size limit",
    "timeout": "took too long to decode",
    "crashed": "crashed the decoder",
    "out_of_memory": "needed too much memory",
    "vanished": "gone when it was to be read",
    "no_permission": "not readable by this user",
    "outside_link": "a link out of the chosen folder",
    "broken_link": "a link to nothing",
    "link_loop": "a link back to itself",
    "special_file": "not a regular file",
    "missing_in_table": "named by the table but missing",
    "unreadable_folder": "a folder that may not be listed",
    "io_error": "unreadable on the disk",
    "unsupported": "with an unsupported feature",
}

#: role of a model -> what it did
ROLES = {
    "captioner": "described images",
    "proposer": "proposed phrases",
    "ranker": "scored phrases on images",
}

COSINE = "cosine"  # unit of the scores that a model gives phrases on images

#: unit of scores -> its name, where the code is too terse for a reader
UNITS = {COSINE: "cosine similarity of image and phrase"}

#: option of a recipe -> what it is
OPTIONS = {
    "measurements": "Version of the measurements",
    "proposers": "Where hypotheses came from",
    "min_split": "Images a side from which half are held out",
    "evidence": "Evidence images a group",
    "permutations": "Permutations of the test as a whole",
    "pixel_limit": "Largest image, in pixels",
    "timeout_s": "Time limit for one image, in seconds",
    "goal": "What you want to know",
    "phrases.max_words": "Longest phrase, in words",
    "phrases.min_images": "Fewest images that hold a phrase",
    "phrases.keep": "Phrases kept a side",
    "phrases.prior": "Weight of the common background of phrases",
    "captions.model": "Model that described images",
    "captions.length": "Length of a caption",
    "captions.beams": "Beams in the search for a caption",
    "captions.max_tokens": "Longest caption, in tokens",
    "captions.batch": "Images described at a time",
    "captions.prompt": "What was asked about each image",
    "language.model": "Model that proposed phrases",
    "language.rounds": "Rounds of proposing",
    "language.samples": "Captions of each set in a round",
    "language.hypotheses": "Phrases asked for in a round, each way",
    "language.temperature": "Temperature of the language model",
    "language.context": "Longest prompt and answer, in tokens",
    "language.prompt": "Prompt of the language model",
    "language.merge": "Cosine from which phrases are merged",
    "clip.model": "Model that scored phrases on images",
    "clip.phrasings": "How a phrase is put to that model",
    "clip.batch": "Images encoded at a time",
    "clip.precision": "Precision of that model",
}

#: (option, its value as it is written) -> what that value means
VALUES = {
    ("goal", ""): "nothing in particular",
    ("captions.model", ""): "none: the text that came with the images",
    ("captions.max_tokens", "0"): "as its length allows",
    ("captions.batch", "0"): "chosen to fit",
    ("captions.prompt", ""): "Twofold’s own question",
    ("language.prompt", ""): "Twofold’s own",
    ("language.merge", "1.0"): "never",
    ("clip.phrasings", "{}"): "as it is",
    ("clip.batch", "0"): "chosen to fit",
    ("clip.precision", "auto"): "chosen for the device",
}
