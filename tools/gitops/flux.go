package main

import (
	"fmt"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
)

// Exprs are the expressions of one entry of healthCheckExprs.
type Exprs struct {
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
	Current    string `json:"current"`
}

// Integers stay integers, as a Kubernetes client decodes them.
func decode(raw []byte) (map[string]any, error) {
	var object map[string]any
	return object, json.Unmarshal(raw, &object)
}

func kstatusOf(object map[string]any) (string, error) {
	result, err := status.Compute(&unstructured.Unstructured{Object: object})
	if err != nil {
		return "", err
	}
	return string(result.Status), nil
}

// A generation that was not observed yet is in progress whatever the expressions say; then the first that is true counts.
// Of an object without any status Flux knows nothing, and waits: expressions cannot ask whether a top-level field is there.
func fluxStatus(exprs Exprs, object map[string]any) (string, error) {
	observed, isSet, _ := unstructured.NestedInt64(object, "status", "observedGeneration")
	generation, isKnown, _ := unstructured.NestedInt64(object, "metadata", "generation")
	if isSet && isKnown && observed != generation {
		return string(status.InProgressStatus), nil
	}
	order := []struct {
		expr   string
		status status.Status
	}{
		{exprs.InProgress, status.InProgressStatus},
		{exprs.Failed, status.FailedStatus},
		{exprs.Current, status.CurrentStatus},
	}
	for _, each := range order {
		if each.expr == "" {
			continue
		}
		holds, err := holds(each.expr, object)
		if _, isStatus := object["status"]; err != nil && !isStatus {
			return string(status.UnknownStatus), nil
		}
		if err != nil {
			return "", err
		}
		if holds {
			return string(each.status), nil
		}
	}
	return string(status.InProgressStatus), nil
}

// The environment of Flux: variables are the object's top-level fields, nothing is type-checked beforehand.
func holds(expr string, object map[string]any) (bool, error) {
	env, err := cel.NewEnv(
		cel.HomogeneousAggregateLiterals(), cel.EagerlyValidateDeclarations(true), cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true), cel.OptionalTypes(), ext.Strings(), ext.Sets(), ext.Encoders(),
	)
	if err != nil {
		return false, err
	}
	parsed, issues := env.Parse(expr)
	if issues != nil && issues.Err() != nil {
		return false, issues.Err()
	}
	program, err := env.Program(parsed)
	if err != nil {
		return false, err
	}
	value, _, err := program.Eval(object)
	if err != nil {
		return false, fmt.Errorf("%s: %w", expr, err)
	}
	is, ok := value.Value().(bool)
	if !ok {
		return false, fmt.Errorf("%s gives no boolean", expr)
	}
	return is, nil
}
