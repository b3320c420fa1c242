import { formatCount } from '../base/format.js';

/** What is said while something takes long, or of what could not be as it was asked for. Nothing of it is a result. */
export type Notice =
  | { readonly type: 'note'; readonly text: string }
  | {
      readonly type: 'warning';
      readonly text: string;
      /** What to do about it, a line each. */
      readonly remedy?: string | undefined;
    }
  /** Other data than were asked for are used: nobody may overlook it. */
  | { readonly type: 'stand_in'; readonly text: string }
  /** A line as it is: what takes long, or where a run begins. */
  | { readonly type: 'message'; readonly text: string }
  | {
      readonly type: 'download';
      readonly name: string;
      /** In bytes. */
      readonly received: number;
      readonly total: number;
    }
  | {
      readonly type: 'prepare';
      /** What is done: `Decoding the pictures of flowers`. */
      readonly what: string;
      readonly done: number;
      readonly total: number;
    };

/** Colours, where there are some. */
export interface NoticeStyle {
  bold(text: string): string;
  yellow(text: string): string;
}

const PLAIN: NoticeStyle = { bold: (text) => text, yellow: (text) => text };

/**
 * @param notice what is said
 * @param style its colours; default: none
 * @param step of what takes long, every so many percent make another line; default 10
 * @returns its lines
 */
export function noticeLines(notice: Notice, style = PLAIN, step = 10): string[] {
  switch (notice.type) {
    case 'note':
      return [`note: ${notice.text}`];
    case 'warning': {
      const remedy = notice.remedy?.replace(/^/gm, '  ').split('\n') ?? [];
      return [`${style.yellow('warning')}: ${notice.text}`, ...remedy];
    }
    case 'stand_in':
      return [`${style.yellow(style.bold('WARNING'))} ${style.yellow(notice.text)}`];
    case 'message':
      return [notice.text];
    case 'download': {
      const { name, received, total } = notice;
      const percent = Math.floor(((received / total) * 100) / step) * step;
      return [`Downloading ${name}: ${percent} % of ${Math.round(total / 1e6)} MB`];
    }
    case 'prepare': {
      const { what, done, total } = notice;
      const percent = Math.floor(((done / total) * 100) / step) * step;
      return [`${what}: ${percent} % of ${formatCount(total)}`];
    }
  }
}
