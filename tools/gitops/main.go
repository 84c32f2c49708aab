// Judges objects as Argo CD, Flux and kstatus do: reads a JSON array of cases, writes an array of outcomes.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Case is one object with the checks to run on it. Lua is a script as in argocd-cm, Exprs as in a Flux Kustomization.
type Case struct {
	Lua    string          `json:"lua"`
	Exprs  Exprs           `json:"exprs"`
	Object json.RawMessage `json:"object"`
}

// Outcome is what each of the three says; Error is set where a check could not be evaluated.
type Outcome struct {
	Argo    Health `json:"argo"`
	Flux    string `json:"flux"`
	Kstatus string `json:"kstatus"`
	Error   string `json:"error,omitempty"`
}

func judge(c Case) Outcome {
	object, err := decode(c.Object)
	if err != nil {
		return Outcome{Error: err.Error()}
	}
	argo, err := argoHealth(c.Lua, object)
	if err != nil {
		return Outcome{Error: "Argo CD: " + err.Error()}
	}
	flux, err := fluxStatus(c.Exprs, object)
	if err != nil {
		return Outcome{Error: "Flux: " + err.Error()}
	}
	general, err := kstatusOf(object)
	if err != nil {
		return Outcome{Error: "kstatus: " + err.Error()}
	}
	return Outcome{Argo: argo, Flux: flux, Kstatus: general}
}

func run() error {
	var cases []Case
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		return err
	}
	outcomes := make([]Outcome, 0, len(cases))
	for _, each := range cases {
		outcomes = append(outcomes, judge(each))
	}
	return json.NewEncoder(os.Stdout).Encode(outcomes)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
