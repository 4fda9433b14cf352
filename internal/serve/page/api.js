// Requests to the server. A failed one throws an Error with status and code.

export async function request(method, path, body, headers = {}) {
  const options = { method, headers: { ...headers } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const reply = await fetch(path, options);
  const text = await reply.text();
  const data = text && (reply.headers.get("Content-Type") || "").includes("json") ? JSON.parse(text) : null;
  if (!reply.ok) {
    const error = new Error(data?.error?.message || `the server answered ${reply.status}`);
    throw Object.assign(error, { status: reply.status, code: data?.error?.code, param: data?.error?.param });
  }
  return data;
}

export const get = path => request("GET", path);
export const post = (path, body, headers) => request("POST", path, body, headers);

// key returns a new Idempotency-Key: a message that is sent again after a lost connection
// is asked once.
export const key = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
