package config

import (
	"net/url"
	"strings"
)

// Demo is the profile of the endpoint inside the program. It has no base URL
// until the program has started it.
const Demo = "demo"

// builtin is what is known about a service or a server by its name.
type builtin struct {
	baseURL   string
	baseEnv   string // the variable with the base URL, where every customer has another
	keyEnv    string // the variable with the key
	keyHeader string // the header that takes the key; empty: Authorization: Bearer
	model     string // used if nothing names one
	anyModel  bool   // answers a request that names no model
	maxTokens string // the field that limits the answer; empty: max_tokens
	omitUsage bool   // refuses stream_options, and sends the usage without it
	local     bool   // a server that people run themselves: needs no key
	modelsURL string // lists the models; empty: base URL/models
	azure     bool   // one URL for each deployment; see deployment
}

// builtins returns the endpoints that need no file, by name. Each comment names the page
// it is taken from.
//
// None needs the developer role in place of the system role: reasoning models take a
// system message as a developer message (Microsoft, "Azure OpenAI reasoning models").
// Which parameters a model refuses differs from model to model: those that a person sets
// are sent, and a refusal is explained.
func builtins() map[string]builtin {
	return map[string]builtin{
		Demo: {model: "demo", local: true},
		// OpenAI, "API reference: Create chat completion": max_tokens is deprecated and
		// refused by reasoning models.
		"openai": {
			baseURL: "https://api.openai.com/v1", keyEnv: "OPENAI_API_KEY",
			model: "gpt-5-mini", maxTokens: "max_completion_tokens",
		},
		// Microsoft, "Azure OpenAI in Microsoft Foundry Models REST API reference": the
		// deployment is in the path, api-key in the headers. The variables are those of
		// the page "How to switch between OpenAI and Azure OpenAI endpoints".
		"azure": {
			baseEnv: "AZURE_OPENAI_ENDPOINT", keyEnv: "AZURE_OPENAI_API_KEY",
			keyHeader: "api-key", maxTokens: "max_completion_tokens", azure: true,
		},
		// Ollama, "OpenAI compatibility": the key is ignored; max_tokens alone is listed.
		"ollama": {baseURL: "http://localhost:11434/v1", local: true},
		// llama.cpp, tools/server/README.md: port 8080; a key only with --api-key.
		"llamacpp": {baseURL: "http://localhost:8080/v1", local: true, anyModel: true},
		// LM Studio, "OpenAI Compatible Endpoints": port 1234, no authentication by default.
		"lmstudio": {baseURL: "http://localhost:1234/v1", local: true},
		// vLLM, "OpenAI-Compatible Server": port 8000; a key only with --api-key.
		"vllm": {baseURL: "http://localhost:8000/v1", local: true},
		// OpenRouter, "API Reference": without a model it takes the account's default one.
		"openrouter": {baseURL: "https://openrouter.ai/api/v1", keyEnv: "OPENROUTER_API_KEY", anyModel: true},
		// Groq, "OpenAI Compatibility" and "API Reference": max_tokens is deprecated.
		"groq": {
			baseURL: "https://api.groq.com/openai/v1", keyEnv: "GROQ_API_KEY",
			maxTokens: "max_completion_tokens",
		},
		// DeepSeek, "Your First API Call".
		"deepseek": {baseURL: "https://api.deepseek.com", keyEnv: "DEEPSEEK_API_KEY"},
		// mistralai/platform-docs-public, issue 7: it forbids every field that its API does
		// not list; max_completion_tokens and stream_options are among them.
		"mistral": {baseURL: "https://api.mistral.ai/v1", keyEnv: "MISTRAL_API_KEY", omitUsage: true},
		// Google, "OpenAI compatibility" of the Gemini API.
		"gemini": {baseURL: "https://generativelanguage.googleapis.com/v1beta/openai", keyEnv: "GEMINI_API_KEY"},
		// xAI, "Comparison with Chat Completions API": max_tokens.
		"xai": {baseURL: "https://api.x.ai/v1", keyEnv: "XAI_API_KEY"},
		// Together, "OpenAI compatibility".
		"together": {baseURL: "https://api.together.ai/v1", keyEnv: "TOGETHER_API_KEY"},
		// Fireworks, "OpenAI compatibility".
		"fireworks": {baseURL: "https://api.fireworks.ai/inference/v1", keyEnv: "FIREWORKS_API_KEY"},
		// Cerebras, "OpenAI Compatibility" and "Chat Completions".
		"cerebras": {
			baseURL: "https://api.cerebras.ai/v1", keyEnv: "CEREBRAS_API_KEY",
			maxTokens: "max_completion_tokens",
		},
		// Perplexity, "OpenAI SDK Compatibility"; /chat/completions is an alias there. Its
		// page "Migrate from Sonar" names the API that follows.
		"perplexity": {baseURL: "https://api.perplexity.ai", keyEnv: "PERPLEXITY_API_KEY"},
		// GitHub, "REST API endpoints for models inference" and "for models catalog".
		"github": {
			baseURL: "https://models.github.ai/inference", keyEnv: "GITHUB_TOKEN",
			modelsURL: "https://models.github.ai/catalog/models",
		},
	}
}

// azureVersion is the last dated version that is generally available (Microsoft,
// "Azure OpenAI in Microsoft Foundry Models REST API reference", data plane inference).
const azureVersion = "2024-10-21"

// deployment puts the model, which Azure calls a deployment, into the base URL. A base
// URL that ends in /openai/v1 is that of the API without versions, which takes the model
// as all other endpoints do (Microsoft, "Azure OpenAI API version lifecycle").
func (e *Endpoint) deployment(version string) {
	root := strings.TrimSuffix(e.BaseURL, "/openai")
	if strings.HasSuffix(root, "/v1") {
		return
	}
	e.Query = url.Values{"api-version": {version}}.Encode()
	e.ModelsURL = root + "/openai/models?" + e.Query
	e.BaseURL = root + "/openai/deployments/" + url.PathEscape(e.Model)
}
