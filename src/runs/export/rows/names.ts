/** The modules of an export of a table by their language: they make inputs of rows, and answers of outputs. */
export const ROWS_FILES = { python: 'rows.py', javascript: 'rows.mjs' } as const;
