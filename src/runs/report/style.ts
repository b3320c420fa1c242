import { colorIndex, LINES, THEME, type ThemeColor } from './palette.js';

/**
 * The page's style sheet.
 *
 * @param runs how many runs can be hidden
 */
export function styleSheet(runs: number): string {
  return [
    `:root{color-scheme:light dark;${variables('light')}}`,
    `@media (prefers-color-scheme:dark){:root{${variables('dark')}}}`,
    // Paper is white, whatever the screen is.
    `@media print{:root{color-scheme:light;${variables('light')}}}`,
    LAYOUT,
    ...LINES.map((_, i) => `.line-${i}{color:var(--line-${i})}`),
    ...Array.from({ length: 10 }, (_, i) => shade(i + 1)),
    ...Array.from({ length: runs }, (_, i) => hidden(i)),
  ].join('\n');
}

function variables(scheme: 'light' | 'dark'): string {
  const roles = Object.keys(THEME) as ThemeColor[];
  return [
    ...roles.map((name) => `--${name}:${THEME[name][scheme]}`),
    ...LINES.map((line, i) => `--line-${i}:${line[scheme]}`),
  ].join(';');
}

/** A cell of the confusion matrix; the text turns where the cell is too dark, or too bright, for it. */
function shade(step: number): string {
  const text = step >= 6 ? 'color:var(--paper);' : '';
  const mix = (color: string) =>
    `background:color-mix(in srgb,var(--${color}) ${step >= 6 ? 58 + step * 4 : step * 8}%,var(--paper))`;
  return `.hit.shade-${step}{${text}${mix('good')}}.miss.shade-${step}{${text}${mix('bad')}}`;
}

/** Runs are hidden without a script: by their boxes in the list of runs. */
function hidden(run: number): string {
  return `body:has(#show-${run}:not(:checked)) :is(.chart,.results,.metrics,.configs,.rates) .run-${run}{display:none}`;
}

/** The class of a run's swatch and of its boxes. */
export const lineClass = (line: number): string => `line-${colorIndex(line)}`;

const LAYOUT = `*{box-sizing:border-box}
html{scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:1140px;margin:0 auto;padding:0 clamp(12px,3vw,28px)}
header{padding-top:2rem}
h1{font-size:clamp(1.5rem,4vw,2.1rem);line-height:1.2;margin:0 0 .4rem;letter-spacing:-.01em}
h2{font-size:1.35rem;margin:2.6rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--rule)}
h3{font-size:1.05rem;margin:1.4rem 0 .3rem}
p{margin:.4rem 0 .8rem;max-width:75ch}
a{color:var(--accent)}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:.8rem 0 0;padding:0}
small,.note,.lead,figcaption small,footer{color:var(--muted)}
.note,footer,.readout{font-size:.875rem}
footer{padding-top:2rem;padding-bottom:3rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
main:focus{outline:none}
.skip{position:absolute;left:-999px}
.skip:focus{left:8px;top:8px;background:var(--paper);padding:.5rem 1rem;z-index:3}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.warning,.missing{border-left:4px solid var(--bad);background:var(--raised);padding:.6rem .9rem;max-width:none}
.missing{border-color:var(--rule)}
.runs{border:0;margin:1.4rem 0 0;padding:.45rem 0;display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;align-items:center;background:var(--paper);border-bottom:1px solid var(--rule)}
.runs legend{float:left;padding:0;color:var(--muted);font-size:.875rem}
.runs label{display:inline-flex;align-items:center;gap:.35rem;padding:.2rem 0;cursor:pointer}
.runs input{width:1.1rem;height:1.1rem;margin:0;accent-color:var(--accent)}
@media (min-width:700px) and (min-height:600px){.runs.stuck{position:sticky;top:0;z-index:2}}
.swatch{width:28px;height:18px;flex:none;fill:currentColor;stroke:currentColor;stroke-width:2.5;vertical-align:-3px;margin-right:.35rem}
.chart{margin:1.2rem 0 0;min-width:0}
figcaption{font-weight:600}
.plot svg{display:block;width:100%;height:auto}
.plot text{font-family:inherit}
.plot .wide{display:none}
.cursor{stroke:var(--muted);stroke-width:1;fill:none}
.readout{display:flex;flex-wrap:wrap;gap:0 1rem;margin:.2rem 0;min-height:1.4em;max-width:none;font-variant-numeric:tabular-nums}
.readout[hidden]{display:none}
.readout span:first-child{font-weight:600}
.key{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none;margin:.3rem 0;padding:0;font-size:.875rem}
@media (min-width:720px){
.plot .wide{display:block}
.spread .compact{display:none}
.grid{display:grid;grid-template-columns:1fr 1fr;gap:.4rem 2rem;align-items:start}
}
details{margin:.3rem 0 .6rem}
summary{cursor:pointer;color:var(--accent);font-size:.875rem;padding:.2rem 0}
details.run>summary{font-size:1rem;font-weight:600;border-bottom:1px solid var(--rule);padding:.45rem 0}
.scroll{overflow-x:auto;max-width:100%;max-height:80vh;position:relative;scrollbar-width:thin;background:linear-gradient(to left,var(--paper) 40%,transparent) 100% 0/40px 100% local no-repeat,linear-gradient(to left,var(--rule),transparent) 100% 0/18px 100% scroll no-repeat,var(--paper)}
.more{margin:.3rem 0 0;font-size:.8125rem;color:var(--accent)}
.more[hidden]{display:none}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
caption{text-align:left;color:var(--muted);padding:.3rem 0;font-size:.875rem}
caption span{display:block;max-width:min(75ch,calc(100vw - 2rem));position:sticky;left:0}
th,td{padding:.35rem .55rem;text-align:right;border-bottom:1px solid var(--rule);vertical-align:top}
thead th:first-child,th.text,th[scope=row],.text{text-align:left}
td small{white-space:nowrap}
th[scope=row]{white-space:nowrap;position:sticky;left:0;background:var(--paper)}
.configs th[scope=row]{font-weight:400}
.configs .text{max-width:22rem;overflow-wrap:anywhere;min-width:5rem}
.configs .differs>*{background:var(--raised)}
.configs .differs>th{border-left:4px solid var(--accent);font-weight:700}
.configs th:not(:first-child){text-align:left}
thead th{vertical-align:bottom}
tbody .swatch{vertical-align:-4px}
.best strong{border-bottom:2px solid var(--good)}
.status{white-space:nowrap}
.failed{color:var(--bad);font-weight:600}
.results td,.metrics td{white-space:nowrap}
.results .text{white-space:normal}
.confusion td{min-width:2.9rem;text-align:center}
.confusion thead th{font-weight:400}
.confusion thead th:nth-child(n+2):nth-last-child(n+2) span{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left}
.confusion td.hit,.confusion td.miss{border:1px solid var(--paper)}
.confusion .shade-0{color:var(--muted)}
.gallery{list-style:none;margin:.8rem 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(144px,1fr));gap:1.2rem 1rem}
.gallery img{width:100%;max-width:176px;height:auto;image-rendering:pixelated;background:var(--raised);display:block;border-radius:4px}
.gallery p{margin:.3rem 0 0;font-size:.8125rem;line-height:1.45}
.gallery p span{display:block}
.gallery small{white-space:nowrap;font-size:inherit}
@media print{.runs,nav,.skip,.readout,.cursor,.more{display:none}.chart,.gallery li{break-inside:avoid}.scroll{overflow:visible;max-height:none}table.results{font-size:8pt}.results .text{white-space:normal}.hit,.miss,.swatch{print-color-adjust:exact}.confusion{break-inside:avoid}h2,h3,summary{break-after:avoid}body{font-size:11pt}}`;
