// Six lessons: a question, a prediction, what the models say, and something to try. Every number is the family's.
Explorer.views.push(
  (() => {
    const { element } = Explorer;
    const percent = (value, digits = 0) => `${(100 * value).toFixed(digits)} %`;
    const labelled = (family) => family.places.filter((place) => place.gamma !== 0);
    const posteriorOf = (family, place, image, angle) => {
      const classes = family.classes.length;
      const start = ((place * family.count + image) * family.angles + angle) * classes;
      const row = family.posterior.subarray(start, start + classes);
      const sum = row.reduce((a, b) => a + b, 0);
      return Array.from(row, (value) => value / sum);
    };
    const nearOne = (family) => family.places.reduce((best, place, i) => (Math.abs(Math.log(place.gamma || 1e-9)) < Math.abs(Math.log(family.places[best].gamma || 1e-9)) ? i : best), 0);

    /** The image about which the model at γ = 1 is about three quarters sure, and right. */
    function undecided(family) {
      const place = nearOne(family);
      const distance = (image) => {
        const posterior = posteriorOf(family, place, image, 0);
        const top = Math.max(...posterior);
        return Math.abs(top - 0.75) + (posterior.indexOf(top) === family.labels[image] ? 0 : 1);
      };
      return family.labels.map((_, image) => image).sort((a, b) => distance(a) - distance(b))[0];
    }

    /** Of the turned images, how many lie outside of the typical band, and how many are named with 90 % or more. */
    function turned(family) {
      const place = nearOne(family);
      const [low, high] = family.band[place];
      let [out, sure, all] = [0, 0, 0];
      for (let image = 0; image < family.count; image++) {
        for (let angle = 1; angle < family.angles; angle++) {
          const bits = family.bits[(place * family.count + image) * family.angles + angle];
          out += bits < low || bits > high;
          sure += Math.max(...posteriorOf(family, place, image, angle)) >= 0.9;
          all++;
        }
      }
      return { out: out / all, sure: sure / all };
    }

    const LESSONS = [
      {
        title: "Nothing is lost: there and back",
        view: "walk",
        state: () => ({ gamma: 1, pair: 0 }),
        question: (f) => `The network turns an image of ${f.dims.toLocaleString("en")} numbers into a point with as many coordinates, its latent, and a latent into an image. How much is lost there and back?`,
        options: () => ["The fine detail", "About one percent", "Nothing"],
        right: () => 2,
        reveal: (f) => `Nothing: each layer can be undone exactly. The first and the last image of the upper rows went there and back, and no pixel is off by more than ${f.reconstruction.toExponential(0)} of the range from black to white, which is rounding. What a classifier usually throws away, this one must keep somewhere.`,
        task: "Choose another pair of images, and compare the path through latent space with the cross-fade below.",
      },
      {
        title: "Ten likelihoods, and Bayes answers",
        view: "image",
        hide: "posterior",
        state: (f) => ({ gamma: 1, image: undecided(f) }),
        question: () => "This network never names a class. For each class it says only how likely the image would be if it showed that class. That is all it says. How probable, then, is the best class?",
        options: () => ["As good as certain", "About three in four", "About even"],
        right: (f) => {
          const top = Math.max(...posteriorOf(f, nearOne(f), undecided(f), 0));
          return top > 0.9 ? 0 : top > 0.62 ? 1 : 2;
        },
        reveal: (f) => `${percent(Math.max(...posteriorOf(f, nearOne(f), undecided(f), 0)))}. Bayes' rule turns likelihoods into probabilities: each is multiplied by the prior of its class, here the same for all, and divided by the sum. A lead of one nat means e = 2.7 times as likely.`,
        task: "Move the slider to the left: with less weight on the classes their likelihoods come closer, and the probabilities with them.",
      },
      {
        title: "γ: what it gives and takes",
        view: "trade-off",
        state: (f) => ({ gamma: labelled(f)[0].gamma }),
        question: () => "γ says how much the classes count in training. As γ grows, what happens to the error, and to bits/dim, which are lower the better the model knows images?",
        options: () => ["Both fall: better at both", "The error falls, bits/dim rise", "Neither changes much"],
        right: () => 1,
        reveal: (f) => {
          const [first, last] = [labelled(f)[0], labelled(f).at(-1)];
          return `From γ = ${Explorer.short(first.gamma)} to the right end the error falls from ${percent(first.error, 1)} to ${percent(last.error, 1)}, while bits/dim rise from ${first.bits.toFixed(2)} to ${last.bits.toFixed(2)}. One network, one number: a generative classifier becomes a discriminative one.`;
        },
        task: "Move the slider from left to right, and find the place where the error has fallen most of its way and the likelihood has hardly suffered.",
      },
      {
        title: "How sure may one be?",
        view: "calibration",
        hide: "calibration",
        state: () => ({ gamma: 1 }),
        question: () => "With each answer the model says how probable it is. Take all answers given with 70 to 80 percent: how many of them are right?",
        options: () => ["About half", "About three quarters", "Nearly all"],
        right: (f) => {
          const bin = f.reliability[nearOne(f)].find((one) => one.sure >= 0.7 && one.sure < 0.8);
          return !bin ? null : bin.right < 0.62 ? 0 : bin.right < 0.88 ? 1 : 2;
        },
        reveal: (f) => {
          const bin = f.reliability[nearOne(f)].find((one) => one.sure >= 0.7 && one.sure < 0.8);
          const found = bin ? `Of these ${bin.count} answers ${percent(bin.right)} are right. ` : "";
          return `${found}A model whose probabilities come true is calibrated. Compared bin by bin, how sure this one is and how often it is right differ by ${percent(f.places[nearOne(f)].calibration, 1)} on average.`;
        },
        task: "Does the model keep its word at the right end of the slider too?",
      },
      {
        title: "Knowing what one does not know",
        view: "turn",
        state: (f) => ({ gamma: 1, image: 0, angle: Math.round(f.angles / 3) }),
        question: (f) => `All images of this page were turned, ${f.turn}, by every angle. A typical image has a likelihood in the band. Of the turned images, how many does the likelihood call out of distribution?`,
        options: () => ["Nearly all", "About half", "Few"],
        right: (f) => {
          const { out } = turned(f);
          return out > 0.75 ? 0 : out > 0.25 ? 1 : 2;
        },
        reveal: (f) => {
          const { out, sure } = turned(f);
          return `${percent(out)}. And of ${percent(sure)} the model names a class with 90 percent or more, right or not. The likelihood is one number: an image can be strange in ways that it does not measure, so 'typical' is not 'known'.`;
        },
        task: "Press Play, and look for an image that leaves the band. Try it at both ends of the slider.",
      },
      {
        title: "Why maximum likelihood neglects the classes",
        view: "trade-off",
        needs: (f) => f.others.some((one) => one.objective === "class-nll"),
        state: () => ({ gamma: 1 }),
        question: () => "Why a γ at all? One could train the same network with the labels by plain maximum likelihood, each image under the Gaussian of its class: class-NLL. What error does it reach?",
        options: () => ["About that of γ = 1", "Two to four times as much", "Far more"],
        right: (f) => {
          const times = f.others.find((one) => one.objective === "class-nll").error / f.places[nearOne(f)].error;
          return times < 1.5 ? 0 : times < 4 ? 1 : 2;
        },
        reveal: (f) => {
          const other = f.others.find((one) => one.objective === "class-nll");
          return `${percent(other.error, 1)}, where γ = 1 has ${percent(f.places[nearOne(f)].error, 1)}. A label is worth at most ${Math.log2(f.classes.length).toFixed(1)} bits, an image costs ${Math.round(other.bits * f.dims).toLocaleString("en")}: in that sum the classes are a rounding error. γ weighs them on a scale of their own.`;
        },
        task: "Compare the two places in the picture: how much likelihood does γ = 1 pay for its classes?",
      },
    ];

    /** The option that the models bear out; null where they cannot tell. */
    const rightOf = (lesson, family) => (lesson.needs && !lesson.needs(family) ? null : lesson.right(family));

    let inner, box, stage, number, answers;

    function open(index) {
      number = index;
      const family = Explorer.state.family;
      const lesson = LESSONS[index];
      inner = Explorer.views.find((view) => view.id === lesson.view);
      stage.replaceChildren();
      inner.make(stage);
      write();
      const state = lesson.state(family);
      Explorer.move(state.gamma === "inf" ? Infinity : (state.gamma ?? 1));
      Explorer.set({ ...state, gamma: Explorer.state.gamma, lesson: index, hide: answers[index] === undefined ? (lesson.hide ?? null) : null });
    }

    function write() {
      const family = Explorer.state.family;
      const lesson = LESSONS[number];
      const answer = answers[number];
      const steps = LESSONS.map((one, index) =>
        element("button", { type: "button", "aria-label": `Lesson ${index + 1}: ${one.title}`, title: one.title, "aria-pressed": index === number, onclick: () => open(index) }, `${index + 1}${answers[index] === undefined ? "" : " ✓"}`),
      );
      const parts = [element("div", { class: "steps", role: "group", "aria-label": "Lessons" }, ...steps), element("h2", {}, `${number + 1}. ${lesson.title}`)];
      if (lesson.needs && !lesson.needs(family)) {
        parts.push(element("p", {}, `For ${family.title} no model of this kind lies beside the family: choose another data set.`));
        return box.replaceChildren(...parts);
      }
      const right = rightOf(lesson, family);
      parts.push(element("p", {}, lesson.question(family)));
      parts.push(
        element(
          "div",
          { class: "options", role: "group", "aria-label": "Your prediction" },
          ...lesson.options(family).map((option, index) =>
            element(
              "button",
              {
                type: "button",
                "aria-pressed": answer === index,
                class: answer === undefined ? "" : index === right ? "right" : index === answer ? "wrong" : "",
                onclick: () => choose(index),
              },
              option,
              answer !== undefined && index === right ? " ✓" : "",
            ),
          ),
        ),
      );
      if (answer !== undefined) {
        parts.push(element("p", { class: "reveal", "aria-live": "polite" }, lesson.reveal(family)));
        parts.push(element("p", {}, element("b", {}, "Try it. "), lesson.task));
        if (number + 1 < LESSONS.length) parts.push(element("button", { type: "button", class: "next", onclick: () => open(number + 1) }, "Next lesson"));
      }
      box.replaceChildren(...parts);
    }

    function choose(index) {
      answers[number] = index;
      try {
        localStorage.setItem(`lessons-${Explorer.state.family.name}`, JSON.stringify(answers));
      } catch {
        // A browser that keeps nothing: the progress lasts as long as the page.
      }
      write();
      Explorer.set({ hide: null });
    }

    function make(root) {
      const family = Explorer.state.family;
      answers = {};
      try {
        answers = JSON.parse(localStorage.getItem(`lessons-${family.name}`)) ?? {};
      } catch {
        // As above.
      }
      box = element("div", { class: "lesson" });
      stage = element("div", { class: "figure" });
      root.append(element("div", { class: "course" }, box, stage));
      open(Math.min(LESSONS.length - 1, Explorer.state.lesson ?? 0));
    }

    function draw(state) {
      inner.draw(state);
    }

    function key(event) {
      const step = { ArrowRight: 0, PageDown: 1, PageUp: -1 }[event.key];
      if (!step || event.composedPath()[0].matches("input")) return;
      event.preventDefault();
      // A clicker: forward answers with the right option if nobody has predicted, then goes on.
      const right = rightOf(LESSONS[number], Explorer.state.family);
      if (step > 0 && answers[number] === undefined && right !== null) return choose(right);
      const next = number + step;
      if (next >= 0 && next < LESSONS.length) open(next);
    }

    return { id: "lessons", title: "Lessons", make, draw, key };
  })(),
);
