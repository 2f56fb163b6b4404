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

#: option of a recipe -> what it is
OPTIONS = {
    "measurements": "Version of the measurements",
    "proposers": "Where hypotheses came from",
    "min_split": "Images a side from which half are held out",
    "evidence": "Evidence images a group",
    "permutations": "Permutations of the test as a whole",
    "pixel_limit": "Largest image, in pixels",
    "timeout_s": "Time limit for one image, in seconds",
    "phrases.max_words": "Longest phrase, in words",
    "phrases.min_images": "Fewest images that hold a phrase",
    "phrases.keep": "Phrases kept a side",
    "phrases.prior": "Weight of the common background of phrases",
}
