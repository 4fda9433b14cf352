package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Calls of the tools of MCP servers: what a server says while a call runs, and its result.

// call calls a tool and puts its result into out.
func (s *server) call(ctx context.Context, t *Tool, arguments json.RawMessage, out *collected, progress func(string)) Output {
	s.mu.Lock()
	l, err := s.connect(ctx)
	s.mu.Unlock()
	if err != nil {
		return s.failure(ctx, t, nil, err)
	}
	params := &mcp.CallToolParams{Name: t.remote, Arguments: arguments}
	if progress != nil {
		token := l.listen(progress)
		defer l.unlisten(token)
		params.SetProgressToken(token)
	}
	result, err := within(ctx, l, func() (*mcp.CallToolResult, error) { return l.session.CallTool(ctx, params) })
	if err != nil {
		out := s.failure(ctx, t, l, err)
		if ctx.Err() == nil && !answered(err) {
			s.leave(l) // the next call starts anew
		}
		return out
	}
	for i, content := range result.Content {
		if i > 0 {
			_, _ = out.Write([]byte("\n"))
		}
		_, _ = out.Write([]byte(contentText(content)))
	}
	if len(result.Content) == 0 && result.StructuredContent != nil {
		text, _ := json.Marshal(result.StructuredContent) // it was JSON
		_, _ = out.Write(text)
	}
	done := Output{Failed: result.IsError, Bytes: out.total}
	text, all := out.text(maxText)
	if done.Failed && text == "" {
		text = "the tool failed and did not say why"
	}
	done.Text, done.Truncated, done.File = text, !all, out.end(all)
	return done
}

// failure returns the output of a call that has no result.
func (s *server) failure(ctx context.Context, t *Tool, l *link, err error) Output {
	if why := stopped(ctx, t.limit); why != "" {
		return failure(why)
	}
	if l != nil && l.process != nil && !answered(err) {
		if state := l.process.state(); state != "" {
			return failure(fmt.Sprintf("the server %s ended during the call (%s)", s.config.Name, state))
		}
	}
	if _, ok := errors.AsType[*ServerError](err); !ok {
		err = fmt.Errorf("the server %s failed: %w", s.config.Name, err)
	}
	return failure(err.Error())
}

// listen makes the progress of a call known to f, and returns the token of the call.
func (l *link) listen(f func(string)) (token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	token = fmt.Sprintf("call-%d", l.calls)
	l.progress[token] = f
	return token
}

func (l *link) unlisten(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.progress, token)
}

// report passes on what a server says of a call that runs.
func (l *link) report(p *mcp.ProgressNotificationParams) {
	token, _ := p.ProgressToken.(string)
	var parts []string
	if p.Message != "" {
		parts = append(parts, valid(p.Message, 1000))
	}
	if p.Total > 0 {
		parts = append(parts, fmt.Sprintf("%.4g of %.4g", p.Progress, p.Total))
	}
	l.mu.Lock() // held during the call of f, so that nothing comes after the end of Run
	defer l.mu.Unlock()
	if f := l.progress[token]; f != nil && len(parts) > 0 {
		f(strings.Join(parts, ", "))
	}
}

// contentText returns what the model gets of a part of a result: text as it is, and of
// anything else what it is.
func contentText(c mcp.Content) string {
	switch c := c.(type) {
	case *mcp.TextContent:
		return c.Text
	case *mcp.ImageContent:
		return fmt.Sprintf("[an image, %s, of %d bytes, which cannot be shown here]", c.MIMEType, len(c.Data))
	case *mcp.AudioContent:
		return fmt.Sprintf("[a sound, %s, of %d bytes, which cannot be played here]", c.MIMEType, len(c.Data))
	case *mcp.ResourceLink:
		return fmt.Sprintf("[a link to %s: %s]", c.Name, c.URI)
	case *mcp.EmbeddedResource:
		if c.Resource == nil {
			return ""
		}
		if len(c.Resource.Blob) > 0 {
			return fmt.Sprintf("[the resource %s, %s, of %d bytes, which cannot be shown here]", c.Resource.URI, c.Resource.MIMEType, len(c.Resource.Blob))
		}
		return c.Resource.Text
	}
	return fmt.Sprintf("[%T, which is not known here]", c)
}
