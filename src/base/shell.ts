/** A word of a command as a shell takes it: in quotes where it holds what a shell would read otherwise. */
export function shellWord(text: string): string {
  return /^[\w.,=:/+@%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
