/** What the page of a step needs besides the style sheet of reports. A table that goes on beyond the edge has a shadow there. */
export const STYLE = `nav.steps ol{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;margin:.8rem 0 0;padding:0 0 0 1.2rem}
nav.steps li{padding-right:.4rem}
nav.steps a[aria-current]{color:var(--ink);font-weight:700;text-decoration:none}
.walk{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .8rem;margin-top:1rem}
.walk[hidden]{display:none}
.walk button{font:inherit;min-width:6.5rem;min-height:2.75rem;padding:.3rem 1rem;color:var(--paper);background:var(--accent);border:1px solid var(--accent);border-radius:6px;cursor:pointer}
.walk button:disabled{color:var(--muted);background:var(--raised);border-color:var(--rule);cursor:default}
.walk label{display:inline-flex;align-items:center;gap:.4rem;min-height:2.75rem;cursor:pointer}
.walk input{width:1.1rem;height:1.1rem;margin:0;accent-color:var(--accent)}
#position{color:var(--muted);font-size:.875rem;font-variant-numeric:tabular-nums}
section.step[hidden]{display:none}
section.step td{white-space:nowrap}
section.step .scroll{max-height:none;background:linear-gradient(to left,var(--paper) 40%,transparent) right/2.4rem 100% no-repeat local,linear-gradient(to left,color-mix(in srgb,var(--ink) 30%,transparent),transparent) right/.9rem 100% no-repeat scroll}
h2:focus{outline:none}
code{font:.9375rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap}
.code code{display:inline-block;background:var(--raised);border-left:4px solid var(--accent);padding:.35rem .8rem}
.formula{margin:.6rem 0 1rem;padding:.6rem .9rem;background:var(--raised);border-radius:6px}
.formula dt{font-weight:600}
.formula dd{margin:.1rem 0 .8rem 1.6rem}
.formula dd:last-child{margin-bottom:0}
.formula dd>*{display:block}
.value{background:var(--raised);padding:.5rem .9rem;border-radius:6px}
.pixels{image-rendering:pixelated;max-width:100%;height:auto;border-radius:4px;background:var(--raised)}
.reading code{background:var(--raised);padding:.2rem .4rem}
@media print{.walk{display:none}section.step{break-inside:avoid}}`;
