/** How numbers are written for people. */

export function formatLoss(value: number): string {
  return value.toFixed(4);
}

export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** At most four significant digits, without trailing zeros: 0.01, 0.0009045, 1e-7. */
export function formatLr(value: number): string {
  return String(Number(value.toPrecision(4)));
}

export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
