"""What few people change: the goal, the recipe and the seed. Says what each of them does."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSpinBox, QWidget

from desktop.widgets.choice import Choice
from desktop.widgets.text import ElidedText, Text

AUTO = "auto"
MEASURED = "measured"  # the recipe that needs no model
TRIALS = ("pocket",)  # recipes whose models know nothing but rendered scenes
MAX_GOAL = 500
MAX_SEED = 2**31 - 1
FIELD_PX = 240


class MoreOptions(QWidget):
    """goal(text), recipe(name), seed(number): what the person has set."""

    goal = Signal(str)
    recipe = Signal(str)
    seed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._recipes: tuple[str, ...] = ()
        self._goal = QLineEdit()
        self._goal.setObjectName("goal")
        self._goal.setMaxLength(MAX_GOAL)
        self._goal.setPlaceholderText(self.tr("for instance: the light"))
        self._goal.textChanged.connect(self.goal)
        self._recipe = Choice()
        self._recipe.setObjectName("recipe")
        self._recipe.activated.connect(self._choose)
        self._seed = QSpinBox()
        self._seed.setObjectName("seed")
        self._seed.setRange(0, MAX_SEED)
        self._seed.valueChanged.connect(self.seed)
        self._about_goal = ElidedText("", "small")
        self._about_recipe = ElidedText("", "small")
        about_seed = ElidedText(
            self.tr("Decides which images are held out; the same seed gives the same result."),
            "small",
        )
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(2, 1)
        self._row(0, self.tr("Recipe"), self._recipe, self._about_recipe)
        self._row(1, self.tr("What you want to know"), self._goal, self._about_goal)
        self._row(2, self.tr("Seed"), self._seed, about_seed)
        self.show_recipes((MEASURED,))

    def show_recipes(self, recipes: tuple[str, ...]) -> None:
        """recipes: that can be used now, best first, and those for trying out last."""
        if recipes and recipes != self._recipes:
            self._recipes = recipes
            chosen = self._recipe.currentData() or AUTO
            self._recipe.clear()
            self._recipe.addItem(self.tr("Best there is ({name})").format(name=recipes[0]), AUTO)
            for name in recipes:
                trial = self.tr("{name} (for trying out)").format(name=name)
                self._recipe.addItem(trial if name in TRIALS else name, name)
            self._recipe.setCurrentIndex(max(0, self._recipe.findData(chosen)))
            self.recipe.emit(self._recipe.currentData())
        self._explain()

    def _choose(self) -> None:
        self.recipe.emit(self._recipe.currentData())
        self._explain()

    def _explain(self) -> None:
        trial = self._recipe.currentData() in TRIALS
        with_models = self._recipes[0] != MEASURED or trial
        self._goal.setEnabled(with_models and not trial)
        self.goal.emit(self._goal.text() if self._goal.isEnabled() else "")
        if trial:
            recipe = self.tr("For trying out, and tests: knows only rendered scenes.")
            goal = self.tr("The models of this recipe do not understand goals.")
        elif with_models:
            recipe = self.tr("Models describe what images show; “measured” does without them.")
            goal = self.tr("Told to the language model, which then looks for that above all.")
        else:
            recipe = self.tr("To have images looked at, install models on the page Models.")
            goal = self.tr("Needs models.")
        for field, about, text in (
            (self._recipe, self._about_recipe, recipe),
            (self._goal, self._about_goal, goal),
        ):
            about.setText(text)
            field.setAccessibleDescription(text)

    def _row(self, place: int, name: str, field: QWidget, about: ElidedText) -> None:
        label = Text(name)
        label.setBuddy(field)
        field.setAccessibleName(name)
        field.setFixedWidth(FIELD_PX)
        self._grid.addWidget(label, place, 0)
        self._grid.addWidget(field, place, 1)
        self._grid.addWidget(about, place, 2)
