package openai

import "oax/internal/chat"

func decodeFast(*chat.Delta, []byte) bool { return false }
