/**
 * Change only what differs, and say whether all of it could be: an element that a person uses stays as it is, and one
 * that they read or select stays the same.
 */
export function renew(old, made) {
  if (old.isEqualNode(made)) return true;
  const [mine, theirs] = [[...old.childNodes], [...made.childNodes]];
  if (old.nodeType === Node.TEXT_NODE && made.nodeType === Node.TEXT_NODE) {
    old.data = made.data;
    return true;
  }
  if (old.nodeName === made.nodeName && mine.length === theirs.length && mine.length) {
    for (const { name, value } of made.attributes) old.setAttribute(name, value);
    return mine.map((child, at) => renew(child, theirs[at])).every(Boolean);
  }
  if (old.contains(document.activeElement)) return false;
  old.replaceWith(made);
  return true;
}
