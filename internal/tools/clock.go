package tools

import (
	"encoding/json"
	"time"

	"oax/internal/config"
)

// clock is the name of the tool that is built in. It does no harm, and so shows what tools
// are without any set up.
const clock = "clock"

func clockTool() *Tool {
	t := &Tool{Name: clock, Description: "Returns the date and the time.", Approve: config.ApproveAsk, limit: time.Minute}
	err := t.setParameters(json.RawMessage(`{"type":"object","properties":{"zone":{"type":"string","description":"A time zone of the IANA database, as Asia/Tokyo. Default: that of the user."}},"additionalProperties":false}`))
	if err != nil {
		panic(err) // it is written above
	}
	return t
}

// runClock returns the time, in RFC 3339 with the day of the week.
func runClock(arguments json.RawMessage, now func() time.Time) Output {
	var in struct{ Zone string }
	if err := json.Unmarshal(arguments, &in); err != nil {
		return failure(err.Error())
	}
	zone := time.Local
	if in.Zone != "" {
		var err error
		if zone, err = time.LoadLocation(in.Zone); err != nil {
			return failure("there is no time zone " + in.Zone)
		}
	}
	text := now().In(zone).Format("Monday, 2006-01-02T15:04:05Z07:00")
	return Output{Text: text, Bytes: int64(len(text))}
}
