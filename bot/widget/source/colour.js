// The clinic may choose any colour: what stands on it and beside it is made readable
// (WCAG 2.2: 4.5 to 1 for text).

const rgbOf = (text) => {
  const hex = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec((text || "").trim());
  if (!hex) return [29, 92, 99];
  const full = hex[1].length === 3 ? [...hex[1]].map((c) => c + c).join("") : hex[1];
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16));
};

const cssOf = (rgb) => `rgb(${rgb.map(Math.round).join(" ")})`;

const luminance = (rgb) => {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (one, two) => {
  const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

const WHITE = [255, 255, 255];
const INK = [16, 26, 28];
const RAISED = [38, 50, 53];  // the lightest surface of the dark theme

const textOn = (rgb) => (contrast(rgb, WHITE) >= 4.5 || contrast(rgb, WHITE) >= contrast(rgb, INK) ? WHITE : INK);

// Move a colour toward `goal` in small steps until it reads on `ground`.
const readable = (rgb, ground, goal, least = 4.6) => {
  let colour = rgb;
  for (let step = 0; step < 20 && contrast(colour, ground) < least; step += 1) {
    colour = colour.map((v, i) => v + (goal[i] - v) * 0.12);
  }
  return contrast(colour, ground) < 4.5 ? (luminance(ground) > 0.5 ? INK : WHITE) : colour;
};

// The same hue, as bright as it gets: what a dark colour is lightened toward.
const tint = (rgb) => {
  const most = Math.max(...rgb, 1);
  return rgb.map((v) => 255 - (255 - (v * 255) / most) * 0.5);
};

// `accent` fills areas in both themes; `accent-ink` writes on the theme's own surfaces.
const accentVariables = (color) => {
  const fill = readable(rgbOf(color), WHITE, INK);
  return {
    "--accent": cssOf(fill),
    "--on-accent": cssOf(textOn(fill)),
    "--accent-ink-light": cssOf(fill),
    "--accent-ink-dark": cssOf(readable(rgbOf(color), RAISED, tint(rgbOf(color)), 6)),
  };
};
