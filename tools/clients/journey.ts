// The contract's nine endpoints by a client that openapi-typescript generated: `node journey.ts <address> <clip>`.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

const [baseUrl, clip] = process.argv.slice(2);
const api = createClient<paths>({ baseUrl });
const password = "balon-naranja-7";

async function enter(name: string): Promise<string> {
  const email = `${name}.${Date.now()}@example.com`;
  const account = { first_name: name, last_name: "Ríos", city: "Bogotá", country: "Colombia" };
  const made = await api.POST("/api/auth/signup", { body: { ...account, email, password1: password, password2: password } });
  assert.equal(made.response.status, 201);
  assert.equal(made.data?.id, made.data?.user_id);
  const again = await api.POST("/api/auth/signup", { body: { ...account, email, password1: password, password2: password } });
  assert.equal(again.error?.code, "email-taken");
  const { data } = await api.POST("/api/auth/login", { body: { email, password } });
  assert.ok(data);
  return `Bearer ${data.access_token}`;
}

const player = { Authorization: await enter("Lucia") };
const file = new File([await readFile(clip!)], "clip.mp4", { type: "video/mp4" });
const sent = await api.POST("/api/videos/upload", {
  headers: player,
  body: { video_file: file as unknown as string, title: "Mi mejor triple" },
  bodySerializer: (body) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(body)) form.append(name, value as unknown as Blob);
    return form;
  },
});
assert.equal(sent.response.status, 201, JSON.stringify(sent.error));
const { task_id, video_id } = sent.data!;

// The stream of a job ends by itself.
const live = await api.GET("/api/jobs/{task_id}/events", { headers: player, params: { path: { task_id } }, parseAs: "text" });
const told = [...live.data!.matchAll(/^event: job\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data!));
const last: components["schemas"]["JobEvent"] = told.at(-1);
assert.equal(last.state, "done", live.data);
const job = await api.GET("/api/jobs/{task_id}", { headers: player, params: { path: { task_id } } });
assert.equal(job.data?.state, "done");

const own = await api.GET("/api/videos", { headers: player, params: { query: { limit: 1 } } });
assert.equal(own.data?.[0]?.video_id, video_id);
const one = await api.GET("/api/videos/{video_id}", { headers: player, params: { path: { video_id } } });
assert.equal((await fetch(one.data!.processed_url!)).status, 200);
const kept = await api.DELETE("/api/videos/{video_id}", { headers: player, params: { path: { video_id } } });
assert.equal(kept.error?.code, "open-to-votes");

const shown = await api.GET("/api/public/videos", {});
assert.ok(shown.data?.some((video) => video.video_id === video_id));
const voter = { Authorization: await enter("Mateo") };
const vote = await api.POST("/api/public/videos/{video_id}/vote", { headers: voter, params: { path: { video_id } } });
assert.equal(vote.data?.message, "Voto registrado exitosamente.");
const twice = await api.POST("/api/public/videos/{video_id}/vote", { headers: voter, params: { path: { video_id } } });
assert.equal(twice.error?.detail, "Ya has votado por este video.");
const ranking = await api.GET("/api/public/rankings", { params: { query: { city: "bogota" } } });
assert.ok(ranking.data!.length > 0);
console.log("journey done");
