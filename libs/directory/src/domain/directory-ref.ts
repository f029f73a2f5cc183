import { isUid } from '#libs/kernel';
import { HANDLE } from './handle.js';

/** How a path names a user or an organization: by its uid or by its handle, which never look alike. */
export type DirectoryRef = { readonly uid: string } | { readonly handle: string };

/** The reference that `text` is; null when it can name nobody, whatever exists. */
export function parseRef(text: string, kind: 'usr' | 'org'): DirectoryRef | null {
  if (isUid(text, kind)) return { uid: text };
  return HANDLE.test(text) ? { handle: text } : null;
}
