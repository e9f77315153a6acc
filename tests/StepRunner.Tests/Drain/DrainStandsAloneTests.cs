using System.Reflection;
using System.Reflection.Emit;
using Stepper.Cluster.Kubernetes;
using Stepper.StepRunner.Drain;
using Stepper.StepRunner.Drain.Forecast;
using Stepper.StepRunner.Phases.Parts;

namespace Stepper.StepRunner.Tests.Drain;

/// <summary>The drain could be lifted out: of this project it knows the outside in <c>Stepper.Cluster</c>, and nothing else.</summary>
public sealed class DrainStandsAloneTests
{
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    [Fact]
    public void NothingInItKnowsThePhasesTheSettingsTheStateOrTheSimulation()
    {
        var drain = typeof(NodeDrain).Assembly.GetTypes().Where(type => IsDrains(type.Namespace)).ToList();
        drain.Count.ShouldBeGreaterThan(20);

        drain.SelectMany(Uses).Where(IsForeign).Select(type => type.FullName).Distinct(StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void SuchALookWouldFindIt()
    {
        var used = typeof(NodeUpgrade).Assembly.GetTypes().Where(type => (type.DeclaringType ?? type) == typeof(NodeUpgrade)).SelectMany(Uses).Where(IsForeign).ToList();

        used.ShouldContain(typeof(AbortException));
        used.ShouldContain(typeof(Milestones));
        used.ShouldNotContain(typeof(NodeDrain));
        used.ShouldNotContain(typeof(KubeApi));
    }

    // What has no namespace the compiler has made.
    private static bool IsForeign(Type type) =>
        type.Namespace?.StartsWith("Stepper.", StringComparison.Ordinal) is true && type.Assembly != typeof(KubeApi).Assembly && !IsDrains(type.Namespace);

    private static bool IsDrains(string? name) => name == typeof(NodeDrain).Namespace || name == typeof(DrainForecast).Namespace;

    private static IEnumerable<Type> Uses(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var fields = type.GetFields(All).Select(field => field.FieldType);
        var methods = type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).SelectMany(Uses);
        return Whole([type.BaseType, .. type.GetInterfaces(), .. fields, .. methods]);
    }

    private static IEnumerable<Type?> Uses(MethodBase method)
    {
        var body = method.GetMethodBody();
        return
        [
            (method as MethodInfo)?.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType),
            .. body?.LocalVariables.Select(local => local.LocalType) ?? [],
            .. body is null ? [] : Tokens(body.GetILAsByteArray()!).SelectMany(token => Named(method, token)),
        ];
    }

    private static Type?[] Named(MethodBase by, int token)
    {
        var types = by.DeclaringType!.IsGenericType ? by.DeclaringType.GetGenericArguments() : null;
        return by.Module.ResolveMember(token, types, by.IsGenericMethod ? by.GetGenericArguments() : null) switch
        {
            Type type => [type],
            FieldInfo field => [field.DeclaringType, field.FieldType],
            MethodInfo method => [method.DeclaringType, method.ReturnType, .. method.IsGenericMethod ? method.GetGenericArguments() : []],
            { } other => [other.DeclaringType],
            null => [],
        };
    }

    // The operands that name a type or a member.
    private static IEnumerable<int> Tokens(byte[] body)
    {
        for (var at = 0; at < body.Length;)
        {
            var code = body[at] == 0xFE ? Codes[(short)(0xFE00 | body[at + 1])] : Codes[body[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(body, at);
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(body, at)),
                _ => 4,
            };
        }
    }

    // With what a generic type is made of.
    private static IEnumerable<Type> Whole(IEnumerable<Type?> types) => types.OfType<Type>()
        .SelectMany(type => type.HasElementType ? Whole([type.GetElementType()]) : type.IsGenericType ? Whole(type.GetGenericArguments()).Prepend(type) : [type]);
}
