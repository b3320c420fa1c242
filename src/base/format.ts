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

/** What is longer has so many zeros that they have to be counted. */
const LONGEST_PLAIN = 9;

/** At most four significant digits, without trailing zeros: 0.01, 0.0009045, 1.235e-5, 1e-7. */
export function formatLr(value: number): string {
  const rounded = Number(value.toPrecision(4));
  const plain = String(rounded);
  return plain.length <= LONGEST_PLAIN || Math.abs(rounded) >= 1
    ? formatNumber(rounded)
    : rounded.toExponential();
}

/** All its digits; large ones with a power of ten: 0.01, 1000, 3.2e7, 1e20. */
export function formatNumber(value: number): string {
  return Math.abs(value) < LARGE ? String(value) : value.toExponential().replace('e+', 'e');
}

const LARGE = 1e6;

export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** In decimal units, as disks are sold: 512 B, 6.2 kB, 248 MB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const at = Math.min(units.length, Math.floor(Math.log10(bytes) / 3 + 1e-9));
  const value = bytes / 1000 ** at;
  return `${value < 99.95 ? value.toFixed(1) : value.toFixed(0)} ${units[at - 1]}`;
}

export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
