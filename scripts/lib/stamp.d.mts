export interface SourceState {
  dates: string;
  contents: string;
}

export function isInstalled(root: string): boolean;
export function markInstalled(root: string): void;
export function sourceState(root: string): Readonly<SourceState>;
export function isBuilt(root: string): boolean;
export function markBuilt(root: string, state: SourceState): void;
export function markUnbuilt(root: string): void;
