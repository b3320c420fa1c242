import { describe, expect, it } from 'vitest';
import { escapeHtml, Html, html, json } from '../../../src/runs/report/html.js';

describe('html', () => {
  it('escapes every value, in text and in attributes', () => {
    const evil = `<script>alert("1")</script> & 'x'`;
    expect(`${html`<p title="${evil}">${evil}</p>`}`).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</p>',
    );
  });

  it('leaves HTML as it is, joins lists and leaves out what is not there', () => {
    const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
    expect(`${html`<ul>${items}</ul>${null}${undefined}${false}${0}`}`).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li></ul>0',
    );
    expect(`${html`${new Html('<br>')}`}`).toBe('<br>');
  });

  it('replaces control characters, which a page must not hold', () => {
    expect(escapeHtml('a\u0000b\u001b[31m\n')).toBe('a\ufffdb\ufffd[31m\n');
  });

  it('writes data that cannot end its script element', () => {
    const value = { name: '</script><!-- & "quoted"' };
    const text = `${json(value)}`;
    expect(text).not.toMatch(/[<>&]/);
    expect(JSON.parse(text)).toEqual(value);
  });
});
