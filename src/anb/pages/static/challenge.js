// Solves a challenge in the background, by ALTCHA's own worker: the page stays usable meanwhile.

/** Return the solution as the server reads it. It fails where the page is not secure (no https): there is no crypto. */
export async function solve(challenge) {
  const worker = new Worker(new URL("./altcha.js", import.meta.url));
  try {
    const solution = await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data?.derivedKey ? resolve(data) : reject(data));
      worker.onerror = reject;
      worker.postMessage({ type: "work", challenge });
    });
    return btoa(JSON.stringify({ challenge, solution }));
  } finally {
    worker.terminate();
  }
}
