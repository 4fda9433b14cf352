package openai_test

import (
	"errors"
	"slices"
	"testing"

	"oax/internal/demo"

	. "oax/internal/openai"
)

func TestModels(t *testing.T) {
	for _, tt := range []struct {
		body string
		want []Model
		kind Kind // of the error, or empty
	}{
		{`{"object":"list","data":[{"id":"a","owned_by":"me","size":1},{"id":"b"}]}`, []Model{{ID: "a", OwnedBy: "me"}, {ID: "b"}}, ""},
		{` [{"id":"a"}] `, []Model{{ID: "a"}}, ""},
		{`[{"id":"a","context_length":8},{"id":"b","context_window":9},{"id":"c","max_model_len":10},{"id":"d","owned_by":7,"context_length":"much"}]`,
			[]Model{{ID: "a", Context: 8}, {ID: "b", Context: 9}, {ID: "c", Context: 10}, {ID: "d"}}, ""},
		{`{"data":null}`, nil, ""},
		{`{"data":[]}`, nil, ""},
		{`{}`, nil, NoList},
		{`{"data":{"id":"a"}}`, nil, NoList},
		{`"a"`, nil, NoList},
		{``, nil, NoList},
		{`null`, nil, NoList},
		{`{"data":[{"id":1}]}`, nil, NoList},
		{"\n<!DOCTYPE html>", nil, WebPage},
		{`{"error":{"message":"no"}}`, nil, ServiceError},
	} {
		got, err := models(t, demo.Reply(200, "application/json", tt.body))
		failure := new(Error)
		if errors.As(err, &failure); failure.Kind != tt.kind || (err == nil) != (tt.kind == "") {
			t.Errorf("%s: the error is %v", tt.body, err)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v", tt.body, got)
		}
	}
}

func models(t *testing.T, x demo.Exchange) ([]Model, error) {
	t.Helper()
	server, err := demo.Start(demo.Script(x))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	return newClient(Config{BaseURL: server.URL(), Limits: DefaultLimits()}).Models(t.Context())
}
