/**
 * The page's script: shows one step at a time, to be gone through with buttons, the list of steps, or the arrow keys. All else works
 * without it. A content security policy admits this text alone, by its hash.
 */
export const SCRIPT = `'use strict';
const byId = (id) => document.getElementById(id);
const sections = [...document.querySelectorAll('section.step')];
const links = [...document.querySelectorAll('nav.steps a')];
const [walk, previous, next, position, all] = ['walk', 'previous', 'next', 'position', 'all'].map(byId);
let at = 0;
const show = (index, moves) => {
  at = Math.max(0, Math.min(sections.length - 1, index));
  sections.forEach((section, i) => { section.hidden = !all.checked && i !== at; });
  links.forEach((link, i) => i === at && !all.checked ? link.setAttribute('aria-current', 'step') : link.removeAttribute('aria-current'));
  previous.disabled = all.checked || at === 0;
  next.disabled = all.checked || at === sections.length - 1;
  position.textContent = all.checked ? '' : 'step ' + (at + 1) + ' of ' + sections.length;
  if (moves) sections[at].querySelector('h2').focus();
};
const named = () => sections.findIndex((section) => '#' + section.id === location.hash);
previous.addEventListener('click', () => show(at - 1, false));
next.addEventListener('click', () => show(at + 1, false));
all.addEventListener('change', () => show(at, false));
links.forEach((link, i) => link.addEventListener('click', (event) => {
  if (all.checked) return;
  event.preventDefault();
  history.replaceState(null, '', link.hash);
  show(i, true);
}));
addEventListener('hashchange', () => { if (named() >= 0) show(named(), true); });
addEventListener('keydown', (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || all.checked) return;
  // Tables scroll with the same keys.
  if (event.target.closest?.('.scroll') && event.target.scrollWidth > event.target.clientWidth) return;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  show(to, true);
});
addEventListener('beforeprint', () => sections.forEach((section) => { section.hidden = false; }));
addEventListener('afterprint', () => show(at, false));
walk.hidden = false;
show(Math.max(0, named()), false);
`;
