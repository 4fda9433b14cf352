package config

// Demo is the profile of the endpoint inside the program. It has no base URL
// until the program has started it.
const Demo = "demo"

// builtins returns the profiles that need no file.
func builtins() map[string]profile {
	return map[string]profile{
		"openai": {BaseURL: "https://api.openai.com/v1", KeyEnv: "OPENAI_API_KEY", Model: "gpt-5-mini"},
		Demo:     {Model: "demo"},
	}
}
