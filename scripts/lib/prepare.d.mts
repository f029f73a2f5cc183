export const ROOT: string;
export function prepare(options?: { build?: 'when stale' | 'always' | 'never'; onFailure?: () => void }): Promise<void>;
export function requireNode(version: string): void;
export function ensureInstalled(root?: string, install?: (root: string) => Promise<void>): Promise<void>;
export function ensureBuilt(root?: string, build?: (root: string) => Promise<void>): Promise<void>;
export function become(file: string, args: string[]): Promise<void>;
