/** Shells that are known. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What has a shell ask `lossnet complete` for candidates. All that is to be known is known there; here is only what shells do each
 * in their own way.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of lossnet for bash: source <(lossnet completion bash)
_lossnet() {
  local words=() word value cut i
  # Bash takes = and : for words of their own: what belongs together is put together again.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    i=$((\${#words[@]} - 1))
    if ((i >= 0)) && [[ $word == [=:]* || \${words[i]} == *[=:] ]]; then words[i]+=$word; else words+=("$word"); fi
  done
  i=$((\${#words[@]} - 1))
  word=\${words[i]#[\\'\\"]}
  words[i]=\${word//\\\\/}
  # Of the last word, bash replaces what follows the last of these.
  cut=
  [[ $COMP_WORDBREAKS == *=* && $word == *=* ]] && cut=\${words[i]%"\${words[i]##*=}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    value=\${value#"$cut"}
    [[ \${COMP_WORDS[COMP_CWORD]} == [\\'\\"]* || $value != *[!A-Za-z0-9_./=,:+@%^-]* ]] || printf -v value %q "$value"
    COMPREPLY+=("$value")
  done < <(lossnet complete -- "\${words[@]}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[=./] ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _lossnet lossnet
`,
  zsh: `#compdef lossnet
# Completion of lossnet for zsh: lossnet completion zsh > "\${fpath[1]}/_lossnet"
_lossnet() {
  local value text
  local -a open opentexts whole wholetexts
  while IFS=$'\\t' read -r value text; do
    if [[ $value == *[=./] ]]; then
      open+=("$value") opentexts+=("$value\${text:+  -- $text}")
    else
      whole+=("$value") wholetexts+=("$value\${text:+  -- $text}")
    fi
  done < <(lossnet complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  # What goes on gets no blank behind it.
  (( \${#open} )) && compadd -S '' -d opentexts -a -- open
  (( \${#whole} )) && compadd -d wholetexts -a -- whole
  return 0
}
if [[ $funcstack[1] == _lossnet ]]; then _lossnet "$@"; else compdef _lossnet lossnet; fi
`,
  fish: `# Completion of lossnet for fish: lossnet completion fish > ~/.config/fish/completions/lossnet.fish
function __lossnet_complete
    set -l words (commandline -opc) (commandline -ct)
    lossnet complete -- $words[2..-1] 2>/dev/null
end
complete -c lossnet -f -a '(__lossnet_complete)'
`,
};
